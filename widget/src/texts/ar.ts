// العربية. What each text is for stands in en.ts.

export const dir = 'rtl';

export const cover = 'أبلغوني عند التوفر';
export const short = 'أبلغوني';

export const title = 'سنبلغك عند توفره من جديد';
export const soldOut = 'نفدت الكمية';
export const close = 'إغلاق';

export const channel = 'كيف نتواصل معك؟';
export const byEmail = 'البريد الإلكتروني';
export const byPhone = 'رسالة نصية';
export const email = 'عنوان البريد الإلكتروني';
export const phone = 'رقم الجوال';
export const country = 'البلد';

export const variant = 'أي خيار تريد؟';
export const any = 'أي خيار يناسبني';
export const quantity = 'كم قطعة تريد؟';

export const request = 'سنراسلك مرة واحدة فقط عند توفره من جديد.';
export const marketing = 'أرسلوا لي أيضًا الأخبار والعروض';
export const push = 'أبلغوني أيضًا على هذا الجهاز';
export const privacy = 'سياسة الخصوصية';

export const sending = 'جارٍ الإرسال…';
export const done = 'تم تسجيل طلبك';
export const doneText = 'سنبلغك عبر {0} فور توفره من جديد.';
export const queued = 'تم الحفظ ولم يُرسَل بعد';
export const queuedText = 'تعذّر الاتصال بالمتجر الآن. سيُرسَل طلبك خلال 24 ساعة.';

export const badEmail = 'يرجى إدخال بريد إلكتروني صحيح.';
export const badPhone = 'يرجى إدخال رقم جوال صحيح.';
export const suggest = 'هل تقصد {0}؟';
export const failed = 'لم تنجح العملية. يرجى المحاولة لاحقًا.';
