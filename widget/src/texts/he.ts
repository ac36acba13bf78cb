// עברית. What each text is for stands in en.ts.

export const dir = 'rtl';

export const cover = 'עדכנו אותי כשיחזור';
export const short = 'עדכנו אותי';

export const title = 'נעדכן כשיחזור למלאי';
export const soldOut = 'אזל מהמלאי';
export const close = 'סגירה';

export const channel = 'איך ליצור איתך קשר?';
export const byEmail = 'דוא״ל';
export const byPhone = 'הודעת טקסט';
export const email = 'כתובת דוא״ל';
export const phone = 'מספר נייד';
export const country = 'מדינה';

export const variant = 'איזו אפשרות?';
export const any = 'כל אפשרות מתאימה';
export const quantity = 'כמה יחידות?';

export const request = 'נשלח הודעה אחת בלבד, כשיחזור למלאי.';
export const marketing = 'שלחו לי גם חדשות ומבצעים';
export const push = 'הודיעו גם במכשיר הזה';
export const privacy = 'מדיניות פרטיות';

export const sending = 'בשליחה…';
export const done = 'נרשמת בהצלחה';
export const doneText = 'נעדכן את {0} ברגע שיחזור למלאי.';
export const queued = 'נשמר, עדיין לא נשלח';
export const queuedText = 'לא ניתן להתחבר לחנות כרגע. הבקשה תישלח בתוך 24 שעות.';

export const badEmail = 'יש להזין כתובת דוא״ל, למשל name@example.com.';
export const badPhone = 'יש להזין מספר נייד תקין.';
export const suggest = 'האם התכוונת ל־{0}?';
export const failed = 'הפעולה לא הצליחה. נסו שוב מאוחר יותר.';
