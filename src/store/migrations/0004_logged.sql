-- Whether the log tells of a story, whose new title it would show; finds corrections too.
create index modlog_story on modlog (story_id) where story_id is not null;
drop index modlog_correction;
