// Deutsch. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Benachrichtigen, wenn verfügbar';
export const short = 'Benachrichtigen';

export const title = 'Wir sagen Bescheid';
export const soldOut = 'Ausverkauft';
export const close = 'Schließen';

export const channel = 'Wie erreichen wir dich?';
export const byEmail = 'E-Mail';
export const byPhone = 'SMS';
export const email = 'E-Mail-Adresse';
export const phone = 'Handynummer';
export const country = 'Land';

export const variant = 'Welche Variante?';
export const any = 'Jede Variante ist recht';
export const quantity = 'Wie viele?';

export const request = 'Wir melden uns einmal, sobald es wieder da ist.';
export const marketing = 'Auch Neuigkeiten und Angebote schicken';
export const push = 'Auch auf diesem Gerät benachrichtigen';
export const privacy = 'Datenschutz';

export const sending = 'Wird gesendet …';
export const done = 'Du stehst auf der Liste';
export const doneText = 'Sobald es wieder da ist, melden wir uns bei {0}.';
export const queued = 'Gespeichert, noch nicht gesendet';
export const queuedText = 'Der Shop ist gerade nicht erreichbar. Wir senden deine Anfrage innerhalb von 24 Stunden.';

export const badEmail = 'Bitte gib eine E-Mail-Adresse wie name@example.com ein.';
export const badPhone = 'Bitte gib eine gültige Handynummer ein.';
export const suggest = 'Meintest du {0}?';
export const failed = 'Das hat nicht geklappt. Bitte versuche es später noch einmal.';
