package io.matriarch.ambassador.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One of the two sockets of a connection.
 *
 * <p>Until it is joined with the other, what it reads is kept, and it reads only when told to.
 * After that it copies: a buffer read here is written there as it is (the other channel releases
 * it), flushed once per round of reading; when more than the high-water mark waits over there,
 * reading stops until it has drained. Both legs live on one event loop, so nothing here is shared.
 */
final class Leg extends ChannelInboundHandlerAdapter {

    private static final Logger log = LoggerFactory.getLogger(Leg.class);

    /** How long a client that was frozen may take to hear that it has no server any more. */
    private static final long LAST_WORDS_MILLIS = 1_000;

    private final Connection owner;
    private final LongAdder bytes;
    private final DuplexChannel channel;
    private @Nullable ByteBuf early;
    private @Nullable Leg other;
    private boolean hasSpoken;
    private boolean isFinished;
    private boolean drainsAfterError;
    private @Nullable Standstill watcher;
    private boolean isFrozen;
    private boolean isDropping;
    private boolean isInsideTransaction;

    Leg(Connection owner, Channel channel, LongAdder bytes) {
        this.owner = owner;
        this.channel = (DuplexChannel) channel;
        this.bytes = bytes;
    }

    Channel channel() {
        return channel;
    }

    /** What was read before the join and not taken; stays ours. */
    @Nullable ByteBuf early() {
        return early;
    }

    /** Whether its peer sends no more. */
    boolean isFinished() {
        return isFinished;
    }

    void release() {
        if (early != null) {
            early.release();
            early = null;
        }
    }

    /** From now on everything read here goes there, first of all what was read before. */
    void joinTo(Leg next) {
        other = next;
        if (early != null) {
            ByteBuf kept = early;
            early = null;
            forward(kept);
            next.channel.flush();
        }
        if (isFinished) {
            owner.onFinished(this);
        } else {
            regulate();
        }
    }

    /** Is told before bytes that are read here are passed on; nobody by default. */
    void watchedBy(@Nullable Standstill next) {
        watcher = next;
    }

    /** Whether its last bytes could be read, and said that a transaction goes on: a hint. */
    boolean isInsideTransaction() {
        return isInsideTransaction;
    }

    /** Nothing more that is read here goes there; it stays in the kernel, or is kept. */
    void freeze() {
        isFrozen = true;
        regulate();
    }

    boolean isFrozen() {
        return isFrozen;
    }

    void thaw() {
        Leg next = other;
        if (isFrozen && next != null) {
            isFrozen = false;
            joinTo(next);
        }
    }

    /**
     * Calls back when everything that was written here so far has arrived in the kernel of the
     * peer's host; never, if the connection ends before.
     */
    void whenDelivered(Runnable then) {
        var _ =
                channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                        .addListener(written -> {
                            if (written.isSuccess()) {
                                awaitAcknowledgement(then, false);
                            }
                        });
    }

    private void awaitAcknowledgement(Runnable then, boolean hasWaited) {
        if (!channel.isOpen()) {
            return;
        }
        Transport.Delivery delivery = Transport.delivery(channel);
        boolean isDone =
                switch (delivery) {
                    case ACKNOWLEDGED -> true;
                    case UNDER_WAY -> false;
                    case UNKNOWN -> hasWaited;
                };
        if (isDone) {
            then.run();
        } else {
            var _ =
                    channel.eventLoop()
                            .schedule(
                                    () -> awaitAcknowledgement(then, true),
                                    delivery.look(),
                                    TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        owner.onActive(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf buffer = (ByteBuf) message;
        if (isDropping) {
            buffer.release();
            return;
        }
        // Frozen, it reads no more; but what a closed peer sent last may come all the same.
        if (other == null || isFrozen) {
            early =
                    early == null
                            ? buffer
                            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(
                                    context.alloc(), early, buffer);
            if (other == null) {
                owner.onEarly(this);
            }
            return;
        }
        isInsideTransaction = Standstill.saysThatATransactionGoesOn(buffer);
        if (watcher != null) {
            watcher.onServerSpeaks(buffer);
        }
        forward(buffer);
        if (!other.channel.isWritable()) {
            // Stops this round of reading too; the flush at its end may start the next.
            channel.config().setAutoRead(false);
        }
    }

    private void forward(ByteBuf buffer) {
        Leg next = other;
        if (next == null) {
            buffer.release();
            return;
        }
        bytes.add(buffer.readableBytes());
        if (!hasSpoken) {
            hasSpoken = true;
            owner.onFirstByte(this);
        }
        var _ = next.channel.write(buffer, next.channel.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        if (other != null) {
            other.channel.flush();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (other != null) {
            other.regulate();
        }
    }

    /** Reads exactly while the other side can take it. */
    private void regulate() {
        if (other != null && !isFinished && !isDropping) {
            channel.config().setAutoRead(!isFrozen && other.channel.isWritable());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (drainsAfterError && event == ChannelInputShutdownEvent.INSTANCE) {
            var _ = context.close();
            return;
        }
        // Not ChannelInputShutdownEvent: that may come while bytes still wait in the kernel.
        if (event == ChannelInputShutdownReadComplete.INSTANCE && !isFinished) {
            isFinished = true;
            if (isDropping) {
                var _ = context.close();
            } else if (!isFrozen) {
                owner.onFinished(this);
            }
        }
    }

    /**
     * A failed write says that the peer takes no more, not that it has said everything: what it
     * sent before is in the kernel yet and is owed to the other side. Only a failed read is the
     * end.
     */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.atDebug().addKeyValue("error", cause).log("socket failed");
        boolean onlyOutputFailed =
                other != null
                        && !isFinished
                        && channel.isOpen()
                        && channel.isOutputShutdown()
                        && !channel.isInputShutdown();
        if (!onlyOutputFailed) {
            var _ = context.close();
        } else if (!drainsAfterError) {
            drainsAfterError = true;
            regulate();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        owner.onInactive(this);
    }

    /** After everything written to it has left, its peer is told that no more comes. */
    void finishOutput() {
        var _ =
                channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                        .addListener(_ -> {
                            if (channel.isActive()) {
                                var _ = channel.shutdownOutput();
                            }
                        });
    }

    /**
     * After everything written to it has left, it is closed. That takes as long as its peer lives
     * and reads slowly, as it would without us between; one that is gone is given up by the kernel.
     */
    void closeAfterFlush() {
        if (channel.isActive()) {
            var _ =
                    channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                            .addListener(ChannelFutureListener.CLOSE);
        } else {
            var _ = channel.close();
        }
    }

    /**
     * As {@link #closeAfterFlush}, for a peer that was frozen: what it has sent meanwhile is read
     * and dropped, because to close a socket with unread bytes is to reset it, and that may
     * overtake the last words.
     */
    void closeAfterLastWords() {
        isDropping = true;
        isFrozen = false;
        release();
        if (isFinished || !channel.isActive()) {
            closeAfterFlush();
            return;
        }
        finishOutput();
        channel.config().setAutoRead(true);
        var _ =
                channel.eventLoop()
                        .schedule(
                                () -> {
                                    var _ = channel.close();
                                },
                                LAST_WORDS_MILLIS,
                                TimeUnit.MILLISECONDS);
    }

    /** Whatever has not left yet never will, and the peer hears a reset. */
    void reset() {
        if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        }
        var _ = channel.close();
    }
}
