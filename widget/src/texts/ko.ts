// 한국어. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = '재입고 알림 받기';
export const short = '알림 받기';

export const title = '재입고되면 알려 드릴게요';
export const soldOut = '품절';
export const close = '닫기';

export const channel = '어떻게 알려 드릴까요?';
export const byEmail = '이메일';
export const byPhone = '문자';
export const email = '이메일 주소';
export const phone = '휴대폰 번호';
export const country = '국가';

export const variant = '어떤 옵션을 원하세요?';
export const any = '어떤 옵션이든 좋아요';
export const quantity = '몇 개를 원하세요?';

export const request = '재입고되면 한 번만 알려 드립니다.';
export const marketing = '새 소식과 혜택도 받을게요';
export const push = '이 기기에도 알림 받기';
export const privacy = '개인정보 처리방침';

export const sending = '보내는 중…';
export const done = '신청되었습니다';
export const doneText = '재입고되는 대로 {0}(으)로 알려 드릴게요.';
export const queued = '저장됨, 아직 전송되지 않음';
export const queuedText = '지금은 쇼핑몰에 연결할 수 없습니다. 24시간 안에 전송됩니다.';

export const badEmail = '올바른 이메일 주소를 입력해 주세요.';
export const badPhone = '올바른 휴대폰 번호를 입력해 주세요.';
export const suggest = '혹시 {0} 인가요?';
export const failed = '나중에 다시 시도해 주세요.';
