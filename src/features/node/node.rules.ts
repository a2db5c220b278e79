import type { Viewer } from '../../access/viewer.ts'
import { visibleBreaks } from '../break/break.rules.ts'
import { visibleEvents, visibleParts } from '../event/event.rules.ts'
import { visibleMembers } from '../member/member.rules.ts'
import { visibleSessionsAnywhere } from '../session/session.rules.ts'
import { visibleSpeakersAnywhere } from '../speaker/speaker.list.ts'
import { visibleTokens } from '../token/token.list.ts'
import { visibleWebhooks } from '../webhook/webhook.list.ts'

/** How many ids one field may name. */
export const mostNodes = 100

export const nodeTypes = [
  'Event',
  'Session',
  'Speaker',
  'Track',
  'Room',
  'SessionType',
  'Break',
  'Member',
  'AccessToken',
  'Webhook',
] as const

export type NodeType = (typeof nodeTypes)[number]

/** The Prisma model of each type, and the rows of it that a viewer may see. */
export const nodeRules = {
  Event: { model: 'Event', visible: visibleEvents },
  Session: { model: 'Session', visible: visibleSessionsAnywhere },
  Speaker: { model: 'Speaker', visible: visibleSpeakersAnywhere },
  Track: { model: 'Track', visible: visibleParts },
  Room: { model: 'Room', visible: visibleParts },
  SessionType: { model: 'SessionType', visible: visibleParts },
  Break: { model: 'Break', visible: visibleBreaks },
  Member: { model: 'Membership', visible: visibleMembers },
  AccessToken: { model: 'AccessToken', visible: visibleTokens },
  Webhook: { model: 'Webhook', visible: visibleWebhooks },
} satisfies Record<NodeType, { readonly model: string; visible(viewer: Viewer): object }>
