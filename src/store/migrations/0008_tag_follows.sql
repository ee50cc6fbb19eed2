-- Each copy in story_tag follows for itself: a statement that sets `state` writes the index over it and `created_ms` anew, also
-- where nothing but `hot` has changed, as with each vote.
drop trigger story_tag_follows;

create trigger story_tag_follows_state after update of state on story
when old.state <> new.state
begin
  update story_tag set state = new.state where story_id = new.id;
end;

create trigger story_tag_follows_hot after update of hot on story
when old.hot <> new.hot
begin
  update story_tag set hot = new.hot where story_id = new.id;
end;
