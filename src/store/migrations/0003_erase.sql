-- Words of what was deleted go from the full text at once, not when its parts are next merged.
insert into search (search, rank) values ('secure-delete', 1);
-- Corrections of a story's title, whose old words go with it.
create index modlog_correction on modlog (story_id) where action = 'story.edit';
