package io.matriarch.elector.draining;

import io.matriarch.postgres.sql.ClientSession;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which sessions owe nothing.
 *
 * <p>Of each it is known that nothing more comes from its client. Then three looks, <em>in this
 * order</em>, leave no doubt: (1) nothing waits in its socket to be read; (2) it waits for its
 * client, which it does only when it has dealt with all that it has read; (3) it is between two
 * transactions. A session that has just read a statement passes (1) and may seem idle yet, but it
 * does not wait; and one that waits again has said before what it has become.
 *
 * <p>Where the sockets cannot be seen, (1) is missing. Then a session must have been idle, waiting
 * and unchanged from one look to the next, which leaves the bytes in doubt that had reached its
 * host and not been read for as long.
 */
public final class SessionJudgement {

    private SessionJudgement() {}

    /**
     * @param asked where the sessions come from
     * @param unread ports of clients whose sockets hold unread bytes, seen first; absent if that
     *     cannot be seen
     * @param before all sessions, seen after that
     * @param after all sessions, seen last
     * @return in the order of {@code asked}
     */
    public static List<Owed> of(
            List<InetSocketAddress> asked,
            @Nullable Set<Integer> unread,
            List<ClientSession> before,
            List<ClientSession> after) {
        Map<InetSocketAddress, ClientSession> first = byOrigin(before);
        Map<InetSocketAddress, ClientSession> last = byOrigin(after);
        List<Owed> owed = new ArrayList<>();
        for (InetSocketAddress session : asked) {
            ClientSession then = first.get(session);
            ClientSession now = last.get(session);
            // One that logs in is not listed yet; one behind a translated address never is.
            if (then == null || now == null || then.pid() != now.pid()) {
                owed.add(Owed.SOMETHING);
            } else {
                owed.add(of(session, unread, then, now));
            }
        }
        return owed;
    }

    private static Owed of(
            InetSocketAddress session,
            @Nullable Set<Integer> unread,
            ClientSession then,
            ClientSession now) {
        if (now.isWalSender()) {
            return Owed.STREAMS;
        }
        boolean hasReadAll =
                unread == null
                        ? then.isIdle() && then.changed().equals(now.changed())
                        : !unread.contains(session.getPort());
        return hasReadAll && then.awaitsClient() && now.isIdle() ? Owed.NOTHING : Owed.SOMETHING;
    }

    private static Map<InetSocketAddress, ClientSession> byOrigin(List<ClientSession> sessions) {
        Map<InetSocketAddress, ClientSession> byOrigin = new HashMap<>();
        for (ClientSession session : sessions) {
            byOrigin.put(new InetSocketAddress(address(session.host()), session.port()), session);
        }
        return byOrigin;
    }

    /** The address of a literal, as a server or an ambassador writes it; no name is looked up. */
    static InetAddress address(String literal) {
        int zone = literal.indexOf('%');
        String host = zone < 0 ? literal : literal.substring(0, zone);
        if (!host.matches("[0-9A-Fa-f:.]+")) {
            throw new IllegalArgumentException(
                    "address: " + literal + " (expected: an IP address)");
        }
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address: " + literal, e);
        }
    }
}
