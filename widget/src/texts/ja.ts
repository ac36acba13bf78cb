// 日本語. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = '再入荷のお知らせを受け取る';
export const short = 'お知らせを受け取る';

export const title = '再入荷をお知らせします';
export const soldOut = '在庫切れ';
export const close = '閉じる';

export const channel = 'お知らせの方法';
export const byEmail = 'メール';
export const byPhone = 'SMS';
export const email = 'メールアドレス';
export const phone = '携帯電話番号';
export const country = '国';

export const variant = 'ご希望の種類';
export const any = 'どの種類でもよい';
export const quantity = 'ご希望の数量';

export const request = '再入荷したときに一度だけご連絡します。';
export const marketing = '新着情報やお得な情報も受け取る';
export const push = 'この端末にも通知する';
export const privacy = 'プライバシーポリシー';

export const sending = '送信中…';
export const done = '受け付けました';
export const doneText = '再入荷しましたら {0} にお知らせします。';
export const queued = '保存しました（未送信）';
export const queuedText = '現在ショップに接続できません。お申し込みは24時間以内に送信されます。';

export const badEmail = 'メールアドレスを正しく入力してください。';
export const badPhone = '正しい携帯電話番号を入力してください。';
export const suggest = '{0} ではありませんか？';
export const failed = '送信できませんでした。しばらくしてからもう一度お試しください。';
