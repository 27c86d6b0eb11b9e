package io.matriarch.ambassador.core;

import io.matriarch.ambassador.view.Target;
import java.util.List;

/** What a primary is asked: which of these sessions owe their clients something? */
public record Question(Target.Primary primary, List<ConnectionId> sessions) {

    public Question {
        sessions = List.copyOf(sessions);
    }
}
