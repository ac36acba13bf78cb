// Türkçe. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Gelince haber ver';
export const short = 'Haber ver';

export const title = 'Stoğa girince haber verelim';
export const soldOut = 'Tükendi';
export const close = 'Kapat';

export const channel = 'Size nasıl ulaşalım?';
export const byEmail = 'E-posta';
export const byPhone = 'SMS';
export const email = 'E-posta adresi';
export const phone = 'Cep telefonu';
export const country = 'Ülke';

export const variant = 'Hangi seçenek?';
export const any = 'Herhangi bir seçenek olur';
export const quantity = 'Kaç adet istersiniz?';

export const request = 'Yeniden stoğa girdiğinde size bir kez yazacağız.';
export const marketing = 'Yenilikleri ve fırsatları da gönderin';
export const push = 'Bu cihazda da bildirim gönder';
export const privacy = 'Gizlilik politikası';

export const sending = 'Gönderiliyor…';
export const done = 'Listedesiniz';
export const doneText = 'Yeniden stoğa girer girmez {0} üzerinden haber vereceğiz.';
export const queued = 'Kaydedildi, henüz gönderilmedi';
export const queuedText = 'Mağazaya şu anda ulaşamıyoruz. İsteğiniz 24 saat içinde gönderilecek.';

export const badEmail = 'isim@example.com gibi bir e-posta adresi girin.';
export const badPhone = 'Geçerli bir cep telefonu numarası girin.';
export const suggest = '{0} mi demek istediniz?';
export const failed = 'Olmadı. Lütfen daha sonra yeniden deneyin.';
