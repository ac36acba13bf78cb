// Español. What each text is for stands in en.ts.

export const dir = 'ltr';

export const cover = 'Avisarme cuando vuelva';
export const short = 'Avisarme';

export const title = 'Te avisamos cuando vuelva';
export const soldOut = 'Agotado';
export const close = 'Cerrar';

export const channel = '¿Cómo te avisamos?';
export const byEmail = 'Correo';
export const byPhone = 'SMS';
export const email = 'Correo electrónico';
export const phone = 'Número de móvil';
export const country = 'País';

export const variant = '¿Cuál quieres?';
export const any = 'Me sirve cualquier opción';
export const quantity = '¿Cuántas unidades quieres?';

export const request = 'Te escribiremos una sola vez, cuando vuelva a estar disponible.';
export const marketing = 'Quiero recibir también novedades y ofertas';
export const push = 'Avisarme también en este dispositivo';
export const privacy = 'Política de privacidad';

export const sending = 'Enviando…';
export const done = 'Ya estás en la lista';
export const doneText = 'Avisaremos a {0} en cuanto vuelva a estar disponible.';
export const queued = 'Guardado, aún sin enviar';
export const queuedText = 'No podemos conectar con la tienda. Tu solicitud se enviará en un plazo de 24 horas.';

export const badEmail = 'Escribe un correo como nombre@example.com.';
export const badPhone = 'Escribe un número de móvil válido.';
export const suggest = '¿Querías decir {0}?';
export const failed = 'No se ha podido enviar. Inténtalo más tarde.';
