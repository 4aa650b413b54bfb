// Where the house's rules do not hold, each with its reason. A ratchet: new entries need a very good reason, and one that
// nothing needs any more makes test/tidy.test.ts fail until it is taken out.

export const exceptions: Record<string, Record<string, string>> = {
  tables: {
    'src/domain/deposit/deposit.ts: journals': 'a proof of the books compares both sides',
    'src/domain/deposit/deposit.ts: entries': 'a proof of the books compares both sides',
    'src/domain/operator/adjustment.ts: journals': 'a proof of the books compares both sides',
    'src/domain/transfer.ts: journals': 'a proof of the books compares both sides',
    'src/domain/treasury/treasury-checks.ts: journals': 'a proof of the books compares both sides',
    'src/domain/treasury/treasury-checks.ts: entries': 'a proof of the books compares both sides',
    'src/domain/treasury/treasury-checks.ts: deposits': 'a proof of the books compares both sides',
    'src/domain/treasury/treasury-checks.ts: chain_payments': 'a proof of the books compares both sides',
    'src/domain/withdrawal/withdrawal-checks.ts: journals': 'a proof of the books compares both sides',
    'src/domain/withdrawal/withdrawal-checks.ts: entries': 'a proof of the books compares both sides',
    'src/domain/withdrawal/withdrawal-checks.ts: holds': 'a proof of the books compares both sides',
    'src/domain/withdrawal/withdrawal-checks.ts: chain_payments': 'a proof of the books compares both sides',
    'src/domain/remittance/remittance-checks.ts: journals': 'a proof of the books compares both sides',
    'src/domain/remittance/remittance-checks.ts: entries': 'a proof of the books compares both sides',
    'src/domain/remittance/remittance-checks.ts: holds': 'a proof of the books compares both sides',
    'src/domain/idempotency.ts: idempotency': 'the look-up before the ledger is asked at all',
    'src/signer/read-request.ts: chain_payments': 'the signer looks up by itself what it decides on',
    'src/signer/read-request.ts: chain_transactions': 'the signer looks up by itself what it decides on',
    'src/signer/read-request.ts: deposit_addresses': 'the signer looks up by itself what it decides on',
    'src/signer/read-request.ts: signing_requests': 'the signer looks up by itself what it decides on',
    'src/signer/read-request.ts: wallet_nonces': 'the signer looks up by itself what it decides on',
    'src/signer/read-request.ts: withdrawals': 'the signer looks up by itself what it decides on',
  },
  header: {},
  'never Math.random': { 'src/base/database.ts': 'keeps two that collided from doing so again; no secret' },
  'never floats': { 'src/api/operations/plugin.ts': 'seconds, for a gauge' },
  'never floats near an amount': { 'src/domain/sign-in/equal-time.ts': 'milliseconds spent' },
  'never randomness of its own': {
    'src/main/environment.ts': "makes the sandbox's master key, before there is one",
  },
}
