// Suomi. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Ilmoita saatavuudesta';
export const short = 'Ilmoita minulle';

export const title = 'Ilmoitamme, kun sitä on taas';
export const soldOut = 'Loppuunmyyty';
export const close = 'Sulje';

export const channel = 'Miten tavoitamme sinut?';
export const byEmail = 'Sähköposti';
export const byPhone = 'Tekstiviesti';
export const email = 'Sähköpostiosoite';
export const phone = 'Matkapuhelinnumero';
export const country = 'Maa';

export const variant = 'Mikä vaihtoehto?';
export const any = 'Mikä tahansa vaihtoehto käy';
export const quantity = 'Montako haluat?';

export const request = 'Lähetämme yhden viestin, kun tuotetta on taas saatavilla.';
export const marketing = 'Lähettäkää myös uutisia ja tarjouksia';
export const push = 'Ilmoita myös tällä laitteella';
export const privacy = 'Tietosuojakäytäntö';

export const sending = 'Lähetetään…';
export const done = 'Olet listalla';
export const doneText = 'Ilmoitamme, kun tuotetta on taas saatavilla: {0}';
export const queued = 'Tallennettu, ei vielä lähetetty';
export const queuedText = 'Kauppaan ei saada yhteyttä. Pyyntösi lähetetään 24 tunnin kuluessa.';

export const badEmail = 'Anna sähköpostiosoite, kuten nimi@example.com.';
export const badPhone = 'Anna kelvollinen matkapuhelinnumero.';
export const suggest = 'Tarkoititko {0}?';
export const failed = 'Lähetys ei onnistunut. Yritä myöhemmin uudelleen.';
