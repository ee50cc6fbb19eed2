-- Corrections of a story's title, whose old words go with it.
create index modlog_correction on modlog (story_id) where action = 'story.edit';
