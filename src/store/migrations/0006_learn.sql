-- What the server keeps of learning, and the directory of resources. A story of state 4 is the thread of a lesson: no list
-- shows it, and what is said below it is said as below any other.

-- A lesson's thread, made with its first comment.
create table lesson_talk (
  lesson text primary key,
  story_id integer not null unique references story
) strict, without rowid;

-- What members' browsers say of their learning; it counts for nothing here.
create table progress (
  user_id integer not null references user,
  lesson text not null,
  passed_ms integer,
  tries integer not null,
  at_ms integer not null,
  primary key (user_id, lesson)
) strict, without rowid;

create table lesson_draft (
  user_id integer not null references user,
  lesson text not null,
  -- hash of the text that the editor held at first
  starter text not null,
  code text not null,
  at_ms integer not null,
  unique (user_id, lesson)
) strict;

-- What is wrong with a lesson, in a member's words; gone when a moderator has dealt with it.
create table lesson_report (
  id integer primary key,
  user_id integer not null references user,
  lesson text not null,
  -- hash of the lesson as it was then
  version text not null,
  text text not null,
  created_ms integer not null
) strict;
create index lesson_report_user on lesson_report (user_id);

create table resource (
  id integer primary key,
  url text not null,
  -- also of what was declined or removed, so that it does not come back by itself
  url_key text not null unique,
  domain text not null,
  title text not null,
  about text not null,
  level text not null,
  format text not null,
  cost text not null,
  lang text not null,
  state text not null check (state in ('shown', 'waiting', 'declined', 'removed')),
  -- why it was declined or removed
  reason text not null default '',
  -- null: laid in by the program, or by somebody who has left
  suggested_by integer references user,
  score integer not null default 0,
  created_ms integer not null,
  -- the link: when it is asked next, when it answered last, since when it has not and how often
  check_ms integer not null,
  -- when it was asked last, whatever came of it
  asked_ms integer,
  answered_ms integer,
  failing_ms integer,
  failures integer not null default 0
) strict;
create index resource_list on resource (state, score desc, title);
create index resource_due on resource (check_ms) where state = 'shown';
create index resource_waiting on resource (created_ms) where state = 'waiting';
create index resource_suggested on resource (suggested_by, id) where suggested_by is not null;

-- The links that the program ever brought, as they were then, so that one that was corrected does not come back.
create table resource_laid (
  url_key text primary key,
  -- null: the link was here already
  resource_id integer references resource
) strict, without rowid;
create index resource_laid_resource on resource_laid (resource_id) where resource_id is not null;
