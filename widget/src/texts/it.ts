// Italiano. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Avvisami quando torna';
export const short = 'Avvisami';

export const title = 'Ti avvisiamo quando torna';
export const soldOut = 'Esaurito';
export const close = 'Chiudi';

export const channel = 'Come possiamo avvisarti?';
export const byEmail = 'E-mail';
export const byPhone = 'SMS';
export const email = 'Indirizzo e-mail';
export const phone = 'Numero di cellulare';
export const country = 'Paese';

export const variant = 'Quale variante?';
export const any = 'Va bene qualsiasi variante';
export const quantity = 'Quanti ne vuoi?';

export const request = 'Ti scriveremo una sola volta, quando sarà di nuovo disponibile.';
export const marketing = 'Inviatemi anche novità e offerte';
export const push = 'Avvisami anche su questo dispositivo';
export const privacy = 'Informativa sulla privacy';

export const sending = 'Invio in corso…';
export const done = 'Sei in lista';
export const doneText = 'Avviseremo {0} appena sarà di nuovo disponibile.';
export const queued = 'Salvato, non ancora inviato';
export const queuedText = 'Il negozio non è raggiungibile. La richiesta sarà inviata entro 24 ore.';

export const badEmail = 'Inserisci un indirizzo e-mail come nome@example.com.';
export const badPhone = 'Inserisci un numero di cellulare valido.';
export const suggest = 'Intendevi {0}?';
export const failed = 'Qualcosa è andato storto. Riprova più tardi.';
