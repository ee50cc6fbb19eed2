let shown = nickname;
shown ??= `guest`; // null and undefined alike
