// What test/tidy.test.ts holds its scanner against: everything named hidden is no code, everything named visible is.
// hidden in a comment: 'hidden', `hidden`, /hidden/

const visible1 = "hidden ' hidden" // hidden
const visible2 = `hidden in a template ${[visible1, 'hidden'].map((text) => `${text} hidden { } \` \${hidden}`).join('')} hidden`
/* hidden
   hidden 'hidden */
const visible3 = /hidden['"`/]\/hidden/.test(visible2) ? 4 / 2 / 1 : visible1.length / 2 // hidden / hidden

export { visible3 }
