// What the bank needs from the outside world, in the bank's words. `providers/` implements these, one wire each.
// Must stay true: an implementation throws on an unknown outcome; it never reports a guess.

export interface Mail {
  to: string
  subject: string
  text: string
}

export interface MailPort {
  /** Resolves when the mail server has taken responsibility for the mail. */
  send(mail: Mail): Promise<void>
}

export interface SmsPort {
  /** `to` is E.164. Resolves when the gateway has accepted the message. */
  send(sms: { to: string; text: string }): Promise<void>
}
