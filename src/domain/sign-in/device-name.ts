// What a program says of itself (its User-Agent) as two words for people. Shown to its owner, never trusted.
// Whatever is sent ends as two short words, or as "unknown".

import Bowser from 'bowser'

export interface DeviceName {
  browser: string
  os: string
}

/** Names of browser and system; an unknown program keeps the first word that it calls itself by. */
export function describeDevice(userAgent: string): DeviceName {
  if (userAgent.trim() === '') return { browser: 'unknown', os: 'unknown' }
  const { browser, os } = Bowser.parse(userAgent)
  const name = browser.name || /^[\w.-]{1,40}/.exec(userAgent)?.[0] || 'unknown'
  return { browser: name.slice(0, 40), os: (os.name || 'unknown').slice(0, 40) }
}
