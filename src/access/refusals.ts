import type { Permission } from './permissions.ts'

/**
 * What somebody reads who lacks a permission: who has it, and what to do. Say all roles that the table of permissions
 * gives it to; "team" are all of them but the speakers.
 */
export const refusals: Readonly<Record<Permission, string>> = {
  'event:create':
    'Only people who signed in create events. Sign in, or use a token that is held to no event.',
  'event:read':
    'Only people who work or speak at the event see it while it is a draft. Ask an organizer to invite you.',
  'event:update':
    'Only the owner, organizers and co-organizers of the event change it and read its history. Ask one of them.',
  'event:publish': 'Only the owner and organizers of the event publish or hide it. Ask one of them.',
  'event:delete':
    'Only the owner of the event deletes and restores it. Ask the owner, or the operator if it has none.',
  'event:transfer':
    'Only the owner of the event hands it over. Ask the owner, or the operator if it has none.',
  'member:read': "Only the event's team sees who works on it. Ask an organizer to invite you.",
  'member:manage':
    'Only the owner and organizers of the event invite people, change their roles and remove them. Ask one of them.',
  'member:leave':
    "Only members of the event's team leave it, and you are none. To be removed as a speaker, ask an organizer.",
  'invitation:accept':
    'Only people who signed in accept invitations. Sign in, or use a token of yours that is held to no event.',
  'token:mint':
    "Only people who signed in mint tokens, and they rotate and revoke their own. Sign in as the token's user, or use a token that is held to no event.",
  'favorite:keep':
    'Only people who signed in have favorites and calendars of them. Sign in, or use a token of yours that is held to no event.',
  'token:manage':
    'Only the owner and organizers of the event list and revoke the tokens of others. Ask one of them; viewer.tokens lists your own.',
  'webhook:manage':
    'Only the owner and organizers of the event see and change its webhooks. Ask one of them.',
  'session:read':
    "Only the event's team sees sessions that aren't public, and speakers their own. Ask an organizer to invite you.",
  'session:read-deleted':
    'Only the owner, organizers and co-organizers of the event see deleted sessions, and track organizers those of their tracks. Ask one of them.',
  'session:history':
    'Only the owner, organizers, co-organizers and moderators of the event read the history of sessions, and track organizers that of their tracks. Ask one of them.',
  'session:create':
    'Only the owner, organizers and co-organizers of the event add any session, track organizers add sessions to their tracks, and speakers add sessions that name them in speakerIds. Ask an organizer to add it.',
  'session:update':
    'Only the owner, organizers and co-organizers of the event edit any session, track organizers edit those of their tracks, and speakers edit their own until they are locked. Ask an organizer to change it.',
  'session:place':
    'Only the owner, organizers and co-organizers of the event set the time, room and track of sessions, and track organizers those of their tracks. Ask one of them.',
  'session:decide':
    'Only the owner, organizers and co-organizers of the event decide on sessions, and track organizers on those of their tracks. Ask one of them; availableTransitions tells what you may do.',
  'session:withdraw': 'Only the speakers of a session withdraw it. Ask one of them.',
  'session:lock':
    'Only the owner, organizers and co-organizers of the event lock sessions, and track organizers those of their tracks. Ask one of them.',
  'session:delete':
    'Only the owner, organizers and co-organizers of the event delete and restore sessions, and track organizers those of their tracks. Ask one of them.',
  'speaker:read':
    "Only the event's team sees speakers who hold no public session, and such speakers themselves. Ask an organizer to invite you.",
  'speaker:update':
    'Only the owner, organizers and co-organizers of the event edit any speaker, and speakers edit themselves. Ask an organizer to change it.',
  'speaker:manage':
    'Only the owner, organizers and co-organizers of the event add, invite, delete and restore speakers and read their history. Ask one of them.',
  'programme:edit':
    'Only the owner, organizers and co-organizers of the event edit its rooms, tracks, session types and breaks and read their history. Ask one of them.',
  'schedule:read':
    "Only the event's team sees the conflicts of the schedule, and speakers those of their own sessions. Ask an organizer to invite you.",
}
