package io.matriarch.sidecar.http;

import io.matriarch.elector.situation.Endpoint;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.util.Map;
import java.util.function.Consumer;

/** The HTTP server of a process, with the controllers that the given bean calls for. */
public final class HttpApi implements AutoCloseable {

    private final ApplicationContext context;

    private HttpApi(ApplicationContext context) {
        this.context = context;
    }

    /** Listens when this returns. */
    public static HttpApi of(
            MemberHealth health, VowAnswers vows, OwedAnswers owed, Endpoint listen) {
        return open(
                listen,
                context ->
                        context.registerSingleton(MemberHealth.class, health)
                                .registerSingleton(VowAnswers.class, vows)
                                .registerSingleton(OwedAnswers.class, owed));
    }

    /** Listens when this returns. */
    public static HttpApi of(RouteHealth health, Endpoint listen) {
        return open(listen, context -> context.registerSingleton(RouteHealth.class, health));
    }

    private static HttpApi open(Endpoint listen, Consumer<ApplicationContext> answering) {
        ApplicationContext context =
                ApplicationContext.builder()
                        .banner(false)
                        .deduceEnvironment(false)
                        .properties(
                                Map.of(
                                        "micronaut.server.host", listen.host(),
                                        "micronaut.server.port", listen.port(),
                                        "netty.default.allocator.max-order", 3))
                        .build();
        answering.accept(context);
        context.start();
        context.getBean(EmbeddedServer.class).start();
        return new HttpApi(context);
    }

    @Override
    public void close() {
        context.close();
    }
}
