package io.matriarch.elector.member;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.matriarch.elector.enactment.Activity;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ActivityThreadTest {

    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(ActivityThread.class);

    private final ListAppender<ILoggingEvent> told = new ListAppender<>();
    private final Semaphore ended = new Semaphore(0);

    @BeforeEach
    void listen() {
        told.start();
        LOGGER.addAppender(told);
    }

    @AfterEach
    void listenNoMore() {
        LOGGER.detachAppender(told);
    }

    private static Activity.Act failing(String why) {
        return () -> {
            throw new IllegalStateException(why);
        };
    }

    @Test
    void what_fails_in_the_same_way_is_told_once_until_it_succeeds() throws Exception {
        try (ActivityThread thread = new ActivityThread("clearing", ended::release)) {
            thread.begin("removing", failing("not permitted"));
            ended.acquire();
            thread.begin("removing", failing("not permitted"));
            ended.acquire();
            assertThat(told.list).hasSize(1);

            thread.begin("removing", () -> {});
            ended.acquire();
            thread.begin("removing", failing("not permitted"));
            ended.acquire();
            assertThat(told.list).hasSize(2);
        }
    }
}
