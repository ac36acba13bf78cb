// Português. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Avise-me quando chegar';
export const short = 'Avise-me';

export const title = 'Avisamos quando voltar';
export const soldOut = 'Esgotado';
export const close = 'Fechar';

export const channel = 'Como podemos avisar você?';
export const byEmail = 'E-mail';
export const byPhone = 'SMS';
export const email = 'Endereço de e-mail';
export const phone = 'Número de celular';
export const country = 'País';

export const variant = 'Qual opção?';
export const any = 'Qualquer opção serve';
export const quantity = 'Quantas unidades?';

export const request = 'Enviaremos uma única mensagem, quando voltar ao estoque.';
export const marketing = 'Quero receber também novidades e ofertas';
export const push = 'Avisar também neste dispositivo';
export const privacy = 'Política de privacidade';

export const sending = 'Enviando…';
export const done = 'Você está na lista';
export const doneText = 'Avisaremos {0} assim que voltar ao estoque.';
export const queued = 'Salvo, ainda não enviado';
export const queuedText = 'Não conseguimos falar com a loja. Seu pedido será enviado em até 24 horas.';

export const badEmail = 'Digite um e-mail como nome@example.com.';
export const badPhone = 'Digite um número de celular válido.';
export const suggest = 'Você quis dizer {0}?';
export const failed = 'Não deu certo. Tente de novo mais tarde.';
