// Français. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Me prévenir du retour';
export const short = 'Me prévenir';

export const title = 'Être prévenu du retour';
export const soldOut = 'Épuisé';
export const close = 'Fermer';

export const channel = 'Comment vous joindre ?';
export const byEmail = 'E-mail';
export const byPhone = 'SMS';
export const email = 'Adresse e-mail';
export const phone = 'Numéro de mobile';
export const country = 'Pays';

export const variant = 'Quelle option ?';
export const any = 'N’importe quelle option me convient';
export const quantity = 'Combien en voulez-vous ?';

export const request = 'Nous vous écrirons une seule fois, dès le retour en stock.';
export const marketing = 'M’envoyer aussi des nouveautés et des offres';
export const push = 'Me prévenir aussi sur cet appareil';
export const privacy = 'Politique de confidentialité';

export const sending = 'Envoi…';
export const done = 'C’est noté';
export const doneText = 'Nous préviendrons {0} dès le retour en stock.';
export const queued = 'Enregistré, pas encore envoyé';
export const queuedText = 'La boutique est injoignable. Votre demande sera envoyée dans les 24 heures.';

export const badEmail = 'Saisissez une adresse e-mail comme nom@example.com.';
export const badPhone = 'Saisissez un numéro de mobile valide.';
export const suggest = 'Vouliez-vous dire {0} ?';
export const failed = 'L’envoi a échoué. Réessayez plus tard.';
