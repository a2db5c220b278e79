-- How long texts are written: they are stored as they were sent.

-- CreateEnum
CREATE TYPE "text_format" AS ENUM ('plain', 'markdown', 'html');

-- AlterTable
ALTER TABLE "events" ADD COLUMN     "text_format" "text_format" NOT NULL DEFAULT 'plain';

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "text_format" "text_format" NOT NULL DEFAULT 'plain';

-- AlterTable
ALTER TABLE "speakers" ADD COLUMN     "text_format" "text_format" NOT NULL DEFAULT 'plain';

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126190100_text_formats', '20261126190000_former_slugs');
