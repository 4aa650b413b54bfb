// Reads JSON with each number as the text that it was written as: ids of nineteen digits and amounts keep all of theirs.
// Must stay true: takes what JSON.parse takes and nothing else; a name like __proto__ is a field like any other.

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const STRING = /"(?:[^"\\]|\\.)*"/y // JSON.parse looks at the rest
const SPACE = /[ \t\n\r]*/y
const DEEPEST = 200

export function parseExactJson(text) {
  let at = 0
  const fail = () => {
    throw new SyntaxError(`no JSON at ${at}`)
  }
  const match = (pattern) => {
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    if (found !== undefined) at += found.length
    return found
  }
  const take = (mark) => {
    match(SPACE)
    if (text[at] !== mark) return false
    at++
    return true
  }
  const string = () => {
    match(SPACE)
    const found = match(STRING)
    return found === undefined ? fail() : JSON.parse(found)
  }
  const word = (name, value) => {
    if (!text.startsWith(name, at)) fail()
    at += name.length
    return value
  }
  const array = (depth) => {
    const items = []
    if (take(']')) return items
    do items.push(value(depth))
    while (take(','))
    return take(']') ? items : fail()
  }
  const object = (depth) => {
    const fields = {}
    if (take('}')) return fields
    do {
      const name = string()
      if (!take(':')) fail()
      Object.defineProperty(fields, name, { value: value(depth), writable: true, enumerable: true, configurable: true })
    } while (take(','))
    return take('}') ? fields : fail()
  }
  const value = (depth) => {
    if (depth > DEEPEST) fail()
    if (take('{')) return object(depth + 1)
    if (take('[')) return array(depth + 1)
    switch (text[at]) {
      case '"':
        return string()
      case 't':
        return word('true', true)
      case 'f':
        return word('false', false)
      case 'n':
        return word('null', null)
      default:
        return match(NUMBER) ?? fail()
    }
  }
  const read = value(0)
  match(SPACE)
  return at === text.length ? read : fail()
}
