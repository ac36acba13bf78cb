// Čeština. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Upozornit na dostupnost';
export const short = 'Upozornit mě';

export const title = 'Dáme vědět, až bude skladem';
export const soldOut = 'Vyprodáno';
export const close = 'Zavřít';

export const channel = 'Jak vás máme kontaktovat?';
export const byEmail = 'E-mail';
export const byPhone = 'SMS';
export const email = 'E-mailová adresa';
export const phone = 'Číslo mobilu';
export const country = 'Země';

export const variant = 'Která varianta?';
export const any = 'Stačí kterákoli varianta';
export const quantity = 'Kolik kusů?';

export const request = 'Napíšeme vám jednou, až bude zboží znovu skladem.';
export const marketing = 'Posílat mi také novinky a nabídky';
export const push = 'Upozornit i na tomto zařízení';
export const privacy = 'Ochrana osobních údajů';

export const sending = 'Odesílání…';
export const done = 'Jste na seznamu';
export const doneText = 'Až bude zboží znovu skladem, dáme vědět na {0}.';
export const queued = 'Uloženo, zatím neodesláno';
export const queuedText = 'Obchod teď není dostupný. Vaše žádost bude odeslána do 24 hodin.';

export const badEmail = 'Zadejte e-mail jako jmeno@example.com.';
export const badPhone = 'Zadejte platné číslo mobilu.';
export const suggest = 'Mysleli jste {0}?';
export const failed = 'Nepodařilo se. Zkuste to prosím později.';
