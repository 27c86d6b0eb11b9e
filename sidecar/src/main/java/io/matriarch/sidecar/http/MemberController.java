package io.matriarch.sidecar.http;

import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;

/** The paths that load balancers, orchestrators and ambassadors ask a sidecar for. */
@Controller
@Requires(bean = MemberHealth.class)
@Produces(MediaType.APPLICATION_JSON)
final class MemberController {

    private final MemberHealth health;

    MemberController(MemberHealth health) {
        this.health = health;
    }

    @Get("/status")
    String status() {
        return health.statusJson();
    }

    @Get("/backups")
    String backups() {
        return health.backupsJson();
    }

    @Get("/metrics")
    @Produces("text/plain; version=0.0.4; charset=utf-8")
    String metrics() {
        return health.metricsText();
    }

    @Get("/attestation")
    String attestation() {
        return health.attestationJson();
    }

    @Get("/primary")
    HttpResponse<String> primary() {
        return answer(health.isPrimary());
    }

    @Get("/replica")
    HttpResponse<String> replica() {
        return answer(health.isReplica());
    }

    @Get("/liveness")
    HttpResponse<String> liveness() {
        return answer(health.isAlive());
    }

    @Get("/readiness")
    HttpResponse<String> readiness() {
        return answer(health.isPrimary() || health.isReplica());
    }

    private HttpResponse<String> answer(boolean isSo) {
        HttpStatus status = isSo ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE;
        return HttpResponse.<String>status(status).body(health.statusJson());
    }
}
