// A sender for the sandbox's own chains whose payments can be told to fail: such a one is given too little gas (TRON: too low
// a limit of fees), so the chain itself takes it and undoes it.
// Must stay true: used beside the sandbox alone; what it does not pick out is drafted as ever.

import type { ChainSender, Draft, Outgoing } from '../domain/ports.ts'

/** Enough for a transaction to be mined, not for a transfer of a token. */
const GAS = '30000'
/** Sun. */
const FEE_LIMIT = 1

export const failingSender = (sender: ChainSender, fails: (outgoing: Outgoing) => boolean): ChainSender => ({
  ...sender,
  async draft(outgoing): Promise<Draft> {
    const draft = await sender.draft(outgoing)
    if (!fails(outgoing)) return draft
    return 'gas' in draft ? { ...draft, gas: GAS } : { ...draft, feeLimit: FEE_LIMIT }
  },
})
