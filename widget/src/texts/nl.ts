// Nederlands. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Laat het me weten';
export const short = 'Houd me op de hoogte';

export const title = 'Bericht zodra het er weer is';
export const soldOut = 'Uitverkocht';
export const close = 'Sluiten';

export const channel = 'Hoe bereiken we je?';
export const byEmail = 'E-mail';
export const byPhone = 'Sms';
export const email = 'E-mailadres';
export const phone = 'Mobiel nummer';
export const country = 'Land';

export const variant = 'Welke variant?';
export const any = 'Elke variant is goed';
export const quantity = 'Hoeveel wil je er?';

export const request = 'We sturen je één bericht, zodra het weer op voorraad is.';
export const marketing = 'Stuur me ook nieuws en aanbiedingen';
export const push = 'Stuur ook een melding op dit apparaat';
export const privacy = 'Privacybeleid';

export const sending = 'Versturen…';
export const done = 'Je staat op de lijst';
export const doneText = 'We laten het {0} weten zodra het er weer is.';
export const queued = 'Opgeslagen, nog niet verstuurd';
export const queuedText = 'We kunnen de winkel nu niet bereiken. Je aanvraag wordt binnen 24 uur verstuurd.';

export const badEmail = 'Vul een e-mailadres in zoals naam@example.com.';
export const badPhone = 'Vul een geldig mobiel nummer in.';
export const suggest = 'Bedoelde je {0}?';
export const failed = 'Dat is niet gelukt. Probeer het later opnieuw.';
