// 繁體中文. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = '到貨時通知我';
export const short = '到貨通知';

export const title = '到貨時通知您';
export const soldOut = '已售完';
export const close = '關閉';

export const channel = '如何通知您？';
export const byEmail = '電子郵件';
export const byPhone = '簡訊';
export const email = '電子郵件地址';
export const phone = '手機號碼';
export const country = '國家或地區';

export const variant = '選擇哪一款？';
export const any = '任何款式都可以';
export const quantity = '需要幾件？';

export const request = '補貨後，我們只會通知您一次。';
export const marketing = '也寄給我新品和優惠資訊';
export const push = '同時在此裝置上通知';
export const privacy = '隱私權政策';

export const sending = '正在傳送…';
export const done = '已為您登記';
export const doneText = '一到貨，我們就會通知 {0}。';
export const queued = '已儲存，尚未傳送';
export const queuedText = '目前無法連線到商店。您的要求將在 24 小時內送出。';

export const badEmail = '請輸入電子郵件地址，例如 name@example.com。';
export const badPhone = '請輸入有效的手機號碼。';
export const suggest = '您是不是想輸入 {0}？';
export const failed = '無法送出，請稍後再試。';
