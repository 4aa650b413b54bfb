// Class names out of what is true at the moment. Falsy ones fall away.

export const cx = (...names: (string | false | null | undefined)[]): string => names.filter(Boolean).join(' ')
