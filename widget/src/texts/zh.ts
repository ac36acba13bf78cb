// 简体中文. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = '到货通知我';
export const short = '到货通知';

export const title = '到货时通知您';
export const soldOut = '已售罄';
export const close = '关闭';

export const channel = '如何通知您？';
export const byEmail = '邮件';
export const byPhone = '短信';
export const email = '电子邮箱';
export const phone = '手机号码';
export const country = '国家或地区';

export const variant = '选择哪一款？';
export const any = '任何款式都可以';
export const quantity = '需要几件？';

export const request = '补货后，我们只会通知您一次。';
export const marketing = '也向我发送新品和优惠信息';
export const push = '同时在此设备上通知';
export const privacy = '隐私政策';

export const sending = '正在发送…';
export const done = '已为您登记';
export const doneText = '一到货，我们就会通知 {0}。';
export const queued = '已保存，尚未发送';
export const queuedText = '暂时无法连接商店。您的请求将在 24 小时内发送。';

export const badEmail = '请输入电子邮箱，例如 name@example.com。';
export const badPhone = '请输入有效的手机号码。';
export const suggest = '您是不是想输入 {0}？';
export const failed = '未能发送，请稍后再试。';
