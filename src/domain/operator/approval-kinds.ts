// The list of what approvals can be of. A new kind is one line here (see approval-kind.ts); the console's routes, queue and
// matrix of roles follow from it. Must stay true: a name never changes its meaning, as old approvals carry it for ever.

import { fundIssuerApproval } from '../card/fund-issuer.ts'
import { cardDecision } from '../card/house-wish.ts'
import { releaseApproval } from '../card/release-card.ts'
import { levelOverride } from '../earn/level-override.ts'
import { tierApproval } from '../earn/tier-approval.ts'
import { uptPriceApproval } from '../earn/upt-price.ts'
import { identityReview } from '../identity/identity-review.ts'
import { merchantApproval, merchantChangeApproval } from '../merchant/merchant-approval.ts'
import { rampPayment, rampRefund, rampRelease, rampReview } from '../ramp/order-review.ts'
import { partnerApproval, partnerKeyApproval } from '../ramp/partner-approval.ts'
import { remittanceEnd } from '../remittance/end-remittance.ts'
import { recipientReview } from '../remittance/recipient-review.ts'
import { remittanceReview } from '../remittance/remittance-review.ts'
import { webhookApproval } from '../webhook/webhook-approval.ts'
import { withdrawalReview } from '../withdrawal/withdrawal-review.ts'
import { adjustmentApproval } from './adjustment.ts'
import type { ApprovalKind } from './approval-kind.ts'
import { depositDecision } from './deposit-decision.ts'
import { giveUpApproval } from './give-up-payment.ts'
import { resumeApproval } from './money-out.ts'
import { roleApproval } from './operator-role.ts'
import { statusApproval } from './person-status.ts'
import { revealApproval } from './reveal.ts'
import { settingApproval } from './setting-approval.ts'

export const approvalKinds: readonly ApprovalKind[] = [
  settingApproval,
  adjustmentApproval,
  depositDecision,
  resumeApproval,
  roleApproval,
  revealApproval,
  statusApproval,
  withdrawalReview,
  identityReview,
  tierApproval,
  uptPriceApproval,
  levelOverride,
  recipientReview,
  remittanceReview,
  remittanceEnd,
  cardDecision,
  releaseApproval,
  fundIssuerApproval,
  giveUpApproval,
  merchantApproval,
  merchantChangeApproval,
  partnerApproval,
  partnerKeyApproval,
  rampReview,
  rampPayment,
  rampRelease,
  rampRefund,
  webhookApproval,
]
