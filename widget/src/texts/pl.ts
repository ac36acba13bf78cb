// Polski. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Powiadom o dostępności';
export const short = 'Powiadom mnie';

export const title = 'Damy znać, gdy wróci';
export const soldOut = 'Wyprzedane';
export const close = 'Zamknij';

export const channel = 'Jak mamy się skontaktować?';
export const byEmail = 'E-mail';
export const byPhone = 'SMS';
export const email = 'Adres e-mail';
export const phone = 'Numer komórkowy';
export const country = 'Kraj';

export const variant = 'Który wariant?';
export const any = 'Może być dowolny wariant';
export const quantity = 'Ile sztuk?';

export const request = 'Napiszemy raz, gdy produkt znów będzie dostępny.';
export const marketing = 'Chcę też dostawać nowości i oferty';
export const push = 'Powiadom też na tym urządzeniu';
export const privacy = 'Polityka prywatności';

export const sending = 'Wysyłanie…';
export const done = 'Jesteś na liście';
export const doneText = 'Damy znać na {0}, gdy produkt znów będzie dostępny.';
export const queued = 'Zapisano, jeszcze nie wysłano';
export const queuedText = 'Sklep jest niedostępny. Zgłoszenie wyślemy w ciągu 24 godzin.';

export const badEmail = 'Podaj poprawny adres e-mail.';
export const badPhone = 'Podaj prawidłowy numer komórkowy.';
export const suggest = 'Czy chodziło o {0}?';
export const failed = 'Nie udało się. Spróbuj ponownie później.';
