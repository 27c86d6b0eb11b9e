package io.matriarch.ambassador.relay;

import io.netty.buffer.ByteBuf;
import java.util.function.IntConsumer;

/**
 * Holds back what a client sends while the primary of its session hands over. The other direction
 * always flows. For the event loop of the connection.
 *
 * <p>It need not understand the bytes, so it serves encrypted sessions too. Whatever the server
 * says may be the end of a transaction: so the client is frozen before it can have heard of it, and
 * the primary is asked. Only where the server's last bytes can be read, and say that a transaction
 * is under way, that question is saved: it is a hint that may be missed, and nothing rests on it.
 */
final class Standstill {

    /** The whole message: its type, its length, which does not count the type, and a status. */
    private static final int READY_FOR_QUERY = 6;

    private final Leg client;
    private final Leg server;
    private final IntConsumer onStill;
    private int round;
    private boolean isFrozen;
    private boolean hasServerSpoken;

    /**
     * @param onStill told the round when everything of the client has arrived at the server's host
     */
    Standstill(Leg client, Leg server, IntConsumer onStill) {
        this.client = client;
        this.server = server;
        this.onStill = onStill;
        server.watchedBy(this);
    }

    /** Where a transaction goes on by all appearance, its client is frozen at the next word. */
    void freeze(int next) {
        round = next;
        if (!server.isInsideTransaction()) {
            stop();
        }
    }

    /** Lets the bytes go until the server speaks, unless it has meanwhile. */
    void advance(int next) {
        round = next;
        if (hasServerSpoken) {
            awaitDelivery();
        } else {
            isFrozen = false;
            client.thaw();
        }
    }

    /** To be called before the bytes are passed on. */
    void onServerSpeaks(ByteBuf bytes) {
        hasServerSpoken = !saysThatATransactionGoesOn(bytes);
        if (!isFrozen && hasServerSpoken) {
            stop();
        }
    }

    /** Whether they end with a {@code ReadyForQuery} from inside a transaction. */
    static boolean saysThatATransactionGoesOn(ByteBuf bytes) {
        int start = bytes.writerIndex() - READY_FOR_QUERY;
        if (start < bytes.readerIndex()
                || bytes.getByte(start) != 'Z'
                || bytes.getInt(start + 1) != READY_FOR_QUERY - 1) {
            return false;
        }
        byte status = bytes.getByte(start + READY_FOR_QUERY - 1);
        return status == 'T' || status == 'E';
    }

    private void stop() {
        isFrozen = true;
        client.freeze();
        awaitDelivery();
    }

    private void awaitDelivery() {
        int awaited = round;
        server.whenDelivered(() -> {
            if (isFrozen && awaited == round) {
                hasServerSpoken = false;
                onStill.accept(awaited);
            }
        });
    }

    /** Ends it. */
    void thaw() {
        isFrozen = false;
        server.watchedBy(null);
        client.thaw();
    }
}
