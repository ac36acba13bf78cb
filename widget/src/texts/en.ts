export const cover = 'Notify me when available';
