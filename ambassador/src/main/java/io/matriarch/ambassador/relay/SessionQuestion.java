package io.matriarch.ambassador.relay;

import io.matriarch.ambassador.core.ConnectionId;
import io.matriarch.ambassador.core.Question;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * A question to a primary about sessions.
 *
 * @param from where the primary sees each of them come from
 */
public record SessionQuestion(Question question, Map<ConnectionId, InetSocketAddress> from) {

    public SessionQuestion {
        from = Map.copyOf(from);
    }
}
