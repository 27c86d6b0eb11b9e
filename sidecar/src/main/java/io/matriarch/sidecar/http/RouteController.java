package io.matriarch.sidecar.http;

import io.micronaut.context.annotation.Requires;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;

/** The paths of an ambassador. */
@Controller
@Requires(bean = RouteHealth.class)
@Produces(MediaType.APPLICATION_JSON)
final class RouteController {

    private final RouteHealth health;

    RouteController(RouteHealth health) {
        this.health = health;
    }

    @Get("/routes")
    String routes() {
        return health.routesJson();
    }

    @Get("/live")
    String live() {
        return health.routesJson();
    }

    @Get("/ready")
    HttpResponse<String> ready() {
        HttpStatus status = health.isRouting() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE;
        return HttpResponse.<String>status(status).body(health.routesJson());
    }
}
