// Português (Portugal). What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Avisar-me quando voltar';
export const short = 'Avisar-me';

export const title = 'Avisamos quando voltar';
export const soldOut = 'Esgotado';
export const close = 'Fechar';

export const channel = 'Como podemos avisar?';
export const byEmail = 'E-mail';
export const byPhone = 'SMS';
export const email = 'Endereço de e-mail';
export const phone = 'Número de telemóvel';
export const country = 'País';

export const variant = 'Qual a opção?';
export const any = 'Qualquer opção serve';
export const quantity = 'Quantas unidades?';

export const request = 'Enviamos uma única mensagem, quando voltar a haver stock.';
export const marketing = 'Quero receber também novidades e ofertas';
export const push = 'Avisar também neste dispositivo';
export const privacy = 'Política de privacidade';

export const sending = 'A enviar…';
export const done = 'Está na lista';
export const doneText = 'Avisaremos {0} assim que voltar a haver stock.';
export const queued = 'Guardado, ainda por enviar';
export const queuedText = 'Não conseguimos contactar a loja. O pedido será enviado no prazo de 24 horas.';

export const badEmail = 'Introduza um e-mail como nome@example.com.';
export const badPhone = 'Introduza um número de telemóvel válido.';
export const suggest = 'Queria dizer {0}?';
export const failed = 'Não foi possível enviar. Tente mais tarde.';
