-- What learners' browsers told of lessons, as sums and nothing else: no row says who told it, nor when a single one did.
create table lesson_tally (
  lesson text not null,
  -- hash of the lesson's code, the same in every language
  version text not null,
  tried integer not null,
  passed integer not null,
  hint1 integer not null,
  hint2 integer not null,
  hint3 integer not null,
  solution integer not null,
  -- the days of the first and of the last addition
  since_ms integer not null,
  last_ms integer not null,
  primary key (lesson, version)
) strict, without rowid;

-- What a member's browsers say of their learning as a whole: the lesson that was open last, and how many lessons a week they
-- mean to pass (0: they said that they mean none), each with when that was said.
create table learner (
  user_id integer primary key references user,
  open_lesson text,
  open_ms integer not null default 0,
  goal integer,
  goal_ms integer not null default 0
) strict;
