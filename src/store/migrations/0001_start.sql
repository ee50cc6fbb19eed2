-- The first schema. Ids of stories and comments come from one sequence, so that votes, flags and marks need only an id.
-- state of stories and comments: 0 shown, 1 deleted by its author, 2 removed by a moderator, 3 dead (import only).

-- Where this database stands among its copies; updated by every write transaction.
create table position (
  one integer primary key check (one = 1),
  cluster_id text not null,
  epoch integer not null,
  txid integer not null,
  prev_chain blob not null,
  wall_ms integer not null
) strict;
insert into position values (1, lower(hex(randomblob(16))), 1, 0, zeroblob(32), 0);

-- The next free id of a story or comment.
create table sequence (one integer primary key check (one = 1), next integer not null) strict;
insert into sequence values (1, 1);

create table setting (name text primary key, value text not null) strict, without rowid;

create table user (
  id integer primary key,
  name text not null,
  name_key text not null unique,
  email text,
  -- not unique: that an address is taken would tell that somebody is a member (see store/secret.rs, salt)
  email_key text,
  password text,
  role text not null default 'member' check (role in ('member', 'moderator', 'admin')),
  state text not null default 'active' check (state in ('active', 'waiting', 'deleted')),
  about text not null default '',
  about_html text not null default '',
  theme text not null default 'auto' check (theme in ('auto', 'light', 'dark')),
  keys integer not null default 1,
  karma integer not null default 0,
  invited_by integer references user,
  -- what the person wrote to the moderators when asking to join (sign-up mode approve)
  request text,
  banned_until_ms integer,
  ban_reason text,
  created_ms integer not null
) strict;
create index user_email on user (email_key) where email_key is not null;
create index user_staff on user (role) where role in ('moderator', 'admin');
create index user_waiting on user (created_ms) where state = 'waiting';
create index user_banned on user (id desc) where banned_until_ms is not null;
create index user_invited_by on user (invited_by) where invited_by is not null;

-- Names that nobody may take (again): those of deleted accounts.
create table held_name (name_key text primary key) strict, without rowid;

create table session (
  id integer primary key,
  token_hash blob not null unique,
  user_id integer not null references user,
  created_ms integer not null,
  seen_ms integer not null,
  address text not null,
  agent text not null
) strict;
create index session_user on session (user_id);
create index session_seen on session (seen_ms);

-- One-time links: set-up of the first administrator, a new password.
create table token (
  hash blob primary key,
  kind text not null check (kind in ('setup', 'reset')),
  user_id integer references user,
  created_ms integer not null,
  expires_ms integer not null
) strict, without rowid;

create table invite (
  id integer primary key,
  token_hash blob not null unique,
  user_id integer not null references user,
  memo text not null,
  created_ms integer not null,
  used_by integer references user,
  used_ms integer
) strict;
create index invite_user on invite (user_id);

create table tag (
  id integer primary key,
  name text not null unique,
  description text not null,
  category text not null,
  hotness_mod real not null default 0,
  retired integer not null default 0
) strict;

create table story (
  id integer primary key,
  user_id integer not null references user,
  title text not null,
  url text,
  url_key text,
  domain text,
  text text not null default '',
  html text not null default '',
  state integer not null default 0,
  state_reason text,
  -- points that came with the story (the author's own, or an import's); score = base_score + votes
  base_score integer not null default 1,
  score integer not null default 1,
  flags integer not null default 0,
  -- shown comments, and the sum of (score + 1) over those not by the submitter
  comment_count integer not null default 0,
  comment_points integer not null default 0,
  -- hot rank, smaller is hotter (see domain/rank.rs); stored, it never decays
  hot real not null default 0,
  day integer not null,
  month integer not null,
  created_ms integer not null,
  edited_ms integer,
  active_ms integer not null,
  locked integer not null default 0,
  pinned_ms integer
) strict;
create index story_hot on story (state, hot, id);
create index story_newest on story (state, created_ms desc, id desc);
create index story_active on story (state, active_ms desc, id desc);
create index story_top_day on story (state, day, score desc, id desc);
create index story_top_month on story (state, month, score desc, id desc);
create index story_top_all on story (state, score desc, id desc);
create index story_domain on story (domain, state, created_ms desc, id desc) where domain is not null;
create index story_url_key on story (url_key) where url_key is not null;
create index story_user on story (user_id, created_ms desc, id desc);
create index story_pinned on story (pinned_ms) where pinned_ms is not null;

-- state, hot and created_ms are copies (kept by the trigger below) so that a tag's list is one index scan.
create table story_tag (
  story_id integer not null references story,
  tag_id integer not null references tag,
  state integer not null,
  hot real not null,
  created_ms integer not null,
  primary key (story_id, tag_id)
) strict, without rowid;
create index story_tag_hot on story_tag (tag_id, state, hot, story_id);
create index story_tag_newest on story_tag (tag_id, state, created_ms desc, story_id desc);

create trigger story_tag_follows after update of state, hot on story
when old.state <> new.state or old.hot <> new.hot
begin
  update story_tag set state = new.state, hot = new.hot where story_id = new.id;
end;

create table comment (
  id integer primary key,
  story_id integer not null references story,
  parent_id integer references comment,
  user_id integer not null references user,
  text text not null,
  html text not null,
  state integer not null default 0,
  state_reason text,
  base_score integer not null default 1,
  score integer not null default 1,
  flags integer not null default 0,
  created_ms integer not null,
  edited_ms integer
) strict;
create index comment_story on comment (story_id, id);
create index comment_newest on comment (state, created_ms desc, id desc);
create index comment_user on comment (user_id, created_ms desc, id desc);

-- One vote a person: the primary key says so.
create table vote (
  item_id integer not null,
  user_id integer not null references user,
  created_ms integer not null,
  primary key (item_id, user_id)
) strict, without rowid;
create index vote_user on vote (user_id, created_ms desc, item_id desc);

create table flag (
  item_id integer not null,
  user_id integer not null references user,
  reason text not null,
  created_ms integer not null,
  -- set when a moderator has looked at it
  settled_ms integer,
  primary key (item_id, user_id)
) strict, without rowid;
create index flag_open on flag (item_id, created_ms) where settled_ms is null;
create index flag_user on flag (user_id);

create table saved (
  user_id integer not null references user,
  item_id integer not null,
  created_ms integer not null,
  primary key (user_id, item_id)
) strict, without rowid;
create index saved_newest on saved (user_id, created_ms desc, item_id desc);

create table hidden (
  user_id integer not null references user,
  story_id integer not null references story,
  created_ms integer not null,
  primary key (user_id, story_id)
) strict, without rowid;
create index hidden_newest on hidden (user_id, created_ms desc, story_id desc);

-- Answers to what a member wrote.
create table inbox (
  user_id integer not null references user,
  comment_id integer not null references comment,
  read integer not null default 0,
  primary key (user_id, comment_id)
) strict, without rowid;
create index inbox_unread on inbox (user_id) where read = 0;

create table modlog (
  id integer primary key,
  created_ms integer not null,
  -- null: the operator at the command line
  moderator_id integer references user,
  action text not null,
  story_id integer references story,
  comment_id integer references comment,
  user_id integer references user,
  subject text,
  reason text not null default '',
  -- the tab of the log that shows it
  kind text not null generated always as (
    case substr(action, 1, instr(action, '.') - 1)
      when 'story' then 'story' when 'comment' then 'comment' when 'user' then 'user' else 'site' end) virtual
) strict;
create index modlog_kind on modlog (kind, id desc);
create index modlog_moderator on modlog (moderator_id, id desc);
create index modlog_moderator_kind on modlog (moderator_id, kind, id desc);

create table domain_ban (
  domain text primary key,
  reason text not null,
  until_ms integer,
  created_ms integer not null
) strict, without rowid;

-- Imports: which foreign item became which of ours, and comments whose parent has not come yet.
create table imported (foreign_id integer primary key, item_id integer not null) strict;
create table import_waiting (
  foreign_id integer primary key,
  parent_id integer not null,
  item text not null
) strict;
create index import_waiting_parent on import_waiting (parent_id);

-- Full text of what is shown; what was said below a removed story goes with it. Kept by store/search.rs in the same transaction: entry removed before a change, added after.
create view search_source (id, title, body) as
  select id, title, text from story where state = 0
  union all
  select c.id, '', c.text from comment c join story s on s.id = c.story_id where c.state = 0 and s.state <> 2;
create virtual table search using fts5 (
  title, body, content = 'search_source', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
);
