-- CreateEnum
CREATE TYPE "event_state" AS ENUM ('draft', 'published');

-- CreateEnum
CREATE TYPE "session_state" AS ENUM ('draft', 'pending', 'accepted', 'confirmed', 'rejected', 'canceled', 'withdrawn');

-- CreateEnum
CREATE TYPE "session_level" AS ENUM ('beginner', 'intermediate', 'advanced', 'expert');

-- CreateEnum
CREATE TYPE "access_role" AS ENUM ('organizer');

-- CreateTable
CREATE TABLE "events" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "time_zone" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ NOT NULL,
    "state" "event_state" NOT NULL DEFAULT 'draft',
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_modified_at" TIMESTAMPTZ NOT NULL,
    "deleted_at" TIMESTAMPTZ,
    "version" INTEGER NOT NULL DEFAULT 1,
    "modified_in" xid8,

    CONSTRAINT "events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tracks" (
    "id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "source_id" TEXT,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "color" TEXT,
    "position" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_modified_at" TIMESTAMPTZ NOT NULL,
    "deleted_at" TIMESTAMPTZ,
    "version" INTEGER NOT NULL DEFAULT 1,
    "modified_in" xid8,

    CONSTRAINT "tracks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rooms" (
    "id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "source_id" TEXT,
    "name" TEXT NOT NULL,
    "floor" TEXT,
    "capacity" INTEGER,
    "position" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_modified_at" TIMESTAMPTZ NOT NULL,
    "deleted_at" TIMESTAMPTZ,
    "version" INTEGER NOT NULL DEFAULT 1,
    "modified_in" xid8,

    CONSTRAINT "rooms_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session_types" (
    "id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "source_id" TEXT,
    "name" TEXT NOT NULL,
    "duration_minutes" INTEGER,
    "position" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_modified_at" TIMESTAMPTZ NOT NULL,
    "deleted_at" TIMESTAMPTZ,
    "version" INTEGER NOT NULL DEFAULT 1,
    "modified_in" xid8,

    CONSTRAINT "session_types_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "speakers" (
    "id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "source_id" TEXT,
    "name" TEXT NOT NULL,
    "biography" TEXT,
    "organisation" TEXT,
    "country" TEXT,
    "photo_url" TEXT,
    "website_url" TEXT,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_modified_at" TIMESTAMPTZ NOT NULL,
    "deleted_at" TIMESTAMPTZ,
    "version" INTEGER NOT NULL DEFAULT 1,
    "modified_in" xid8,

    CONSTRAINT "speakers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "source_id" TEXT,
    "title" TEXT NOT NULL,
    "subtitle" TEXT,
    "abstract" TEXT,
    "description" TEXT,
    "language" TEXT,
    "level" "session_level",
    "state" "session_state" NOT NULL DEFAULT 'draft',
    "starts_at" TIMESTAMPTZ,
    "ends_at" TIMESTAMPTZ,
    "slides_url" TEXT,
    "video_url" TEXT,
    "audio_url" TEXT,
    "signup_url" TEXT,
    "track_id" UUID,
    "room_id" UUID,
    "session_type_id" UUID,
    "is_locked" BOOLEAN NOT NULL DEFAULT false,
    "submitted_at" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_modified_at" TIMESTAMPTZ NOT NULL,
    "deleted_at" TIMESTAMPTZ,
    "version" INTEGER NOT NULL DEFAULT 1,
    "modified_in" xid8,
    "speakers_version" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session_speakers" (
    "event_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "speaker_id" UUID NOT NULL,
    "position" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "session_speakers_pkey" PRIMARY KEY ("session_id","speaker_id")
);

-- CreateTable
CREATE TABLE "access_tokens" (
    "id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "role" "access_role" NOT NULL,
    "label" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ,

    CONSTRAINT "access_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "events_slug_key" ON "events"("slug");

-- CreateIndex
CREATE INDEX "events_starts_at_id_idx" ON "events"("starts_at", "id");

-- CreateIndex
CREATE INDEX "events_name_id_idx" ON "events"("name", "id");

-- CreateIndex
CREATE INDEX "events_last_modified_at_id_idx" ON "events"("last_modified_at", "id");

-- CreateIndex
CREATE INDEX "tracks_event_id_position_id_idx" ON "tracks"("event_id", "position", "id");

-- CreateIndex
CREATE UNIQUE INDEX "tracks_event_id_id_key" ON "tracks"("event_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "tracks_event_id_source_id_key" ON "tracks"("event_id", "source_id");

-- CreateIndex
CREATE INDEX "rooms_event_id_position_id_idx" ON "rooms"("event_id", "position", "id");

-- CreateIndex
CREATE UNIQUE INDEX "rooms_event_id_id_key" ON "rooms"("event_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "rooms_event_id_source_id_key" ON "rooms"("event_id", "source_id");

-- CreateIndex
CREATE INDEX "session_types_event_id_position_id_idx" ON "session_types"("event_id", "position", "id");

-- CreateIndex
CREATE UNIQUE INDEX "session_types_event_id_id_key" ON "session_types"("event_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "session_types_event_id_source_id_key" ON "session_types"("event_id", "source_id");

-- CreateIndex
CREATE INDEX "speakers_event_id_name_id_idx" ON "speakers"("event_id", "name", "id");

-- CreateIndex
CREATE UNIQUE INDEX "speakers_event_id_id_key" ON "speakers"("event_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "speakers_event_id_source_id_key" ON "speakers"("event_id", "source_id");

-- CreateIndex
CREATE INDEX "sessions_event_id_starts_at_id_idx" ON "sessions"("event_id", "starts_at", "id");

-- CreateIndex
CREATE INDEX "sessions_event_id_last_modified_at_id_idx" ON "sessions"("event_id", "last_modified_at", "id");

-- CreateIndex
CREATE INDEX "sessions_event_id_title_id_idx" ON "sessions"("event_id", "title", "id");

-- CreateIndex
CREATE INDEX "sessions_event_id_track_id_idx" ON "sessions"("event_id", "track_id");

-- CreateIndex
CREATE INDEX "sessions_event_id_room_id_starts_at_idx" ON "sessions"("event_id", "room_id", "starts_at");

-- CreateIndex
CREATE INDEX "sessions_event_id_session_type_id_idx" ON "sessions"("event_id", "session_type_id");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_event_id_id_key" ON "sessions"("event_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_event_id_source_id_key" ON "sessions"("event_id", "source_id");

-- CreateIndex
CREATE INDEX "session_speakers_event_id_speaker_id_idx" ON "session_speakers"("event_id", "speaker_id");

-- CreateIndex
CREATE INDEX "session_speakers_event_id_session_id_idx" ON "session_speakers"("event_id", "session_id");

-- CreateIndex
CREATE UNIQUE INDEX "access_tokens_hash_key" ON "access_tokens"("hash");

-- AddForeignKey
ALTER TABLE "tracks" ADD CONSTRAINT "tracks_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rooms" ADD CONSTRAINT "rooms_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session_types" ADD CONSTRAINT "session_types_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "speakers" ADD CONSTRAINT "speakers_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_event_id_track_id_fkey" FOREIGN KEY ("event_id", "track_id") REFERENCES "tracks"("event_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_event_id_room_id_fkey" FOREIGN KEY ("event_id", "room_id") REFERENCES "rooms"("event_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_event_id_session_type_id_fkey" FOREIGN KEY ("event_id", "session_type_id") REFERENCES "session_types"("event_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session_speakers" ADD CONSTRAINT "session_speakers_event_id_session_id_fkey" FOREIGN KEY ("event_id", "session_id") REFERENCES "sessions"("event_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session_speakers" ADD CONSTRAINT "session_speakers_event_id_speaker_id_fkey" FOREIGN KEY ("event_id", "speaker_id") REFERENCES "speakers"("event_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;
