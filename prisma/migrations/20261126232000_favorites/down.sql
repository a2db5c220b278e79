DROP TABLE personal_calendars;
DROP TABLE favorites;
