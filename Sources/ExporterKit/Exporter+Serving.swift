internal import Diagnostics
internal import Explaining
internal import Exposition
internal import Serving

/// What the exporter serves: the exposition, the documents of the API and the page, and its own metrics.
extension Exporter {
  func makeSecurity() throws(ExporterError) -> ConnectionSecurity {
    guard let path = configuration.webConfigurationPath else { return ConnectionSecurity(clock: clock) }
    let (security, loading) = ConnectionSecurity.load(path: path, clock: clock)
    guard let security else {
      let shown = ConsoleRenderer(source: loading.source).render(loading.diagnostics)
      throw ExporterError(description: "the web configuration is refused:\n\(shown)")
    }
    return security
  }

  func makeServer(_ security: ConnectionSecurity) throws(ExporterError) -> HTTPServer {
    let addresses: [ListenAddress]
    do {
      addresses = try configuration.listenAddresses.map { try ListenAddress(parsing: $0) }
    } catch {
      throw ExporterError(description: "\(error)")
    }
    var limits = ServerLimits()
    limits.scrapesMax = configuration.scrapesMax
    return HTTPServer(
      options: ServerOptions(
        addresses: addresses,
        takesSystemdSockets: configuration.takesSystemdSockets,
        telemetryPath: configuration.telemetryPath,
        enablesLifecycle: configuration.enablesLifecycle,
        limits: limits,
        landing: landing,
        documents: [RunsDocument.path, CurvesDocument.path, SourcesDocument.path, MetricsDocument.path]
          + (servesPage ? [PageDocument.path] : []),
        files: servesPage ? PageDocument.files : [],
        contentEncodings: [.gzip, .zstd],
        security: security,
        responses: responses,
        limitHits: limitHits,
        clock: clock
      ),
      exposition: { [self] variant in
        caughtUp.wait(atMost: Self.catchUpTimeMax)
        let generation = generation
        generation.collecting.waitForFirst()
        // Also ends the series of what takes too long.
        let collectors = generation.collecting.runners.map { ($0.settings.name, $0.status()) }
        var variant = variant
        if let sources = variant.selection?.sources {
          variant.selection?.names.formUnion(sources.flatMap(generation.catalog.metrics(fedBy:)))
          variant.selection?.names.formUnion(RunMetrics.names(toldBy: sources, generation.catalog))
        }
        let showsOwn = configuration.servesOwnMetrics && OwnMetrics.mayBe(in: variant.selection)
        var families = showsOwn ? ownMetrics(of: generation, security, collectors).allFamilies() : []
        if OwnMetrics.mayBe(in: variant.selection) {
          families += RunMetrics.families(generation.reading.runs, generation.catalog, at: clock.now.wall)
        }
        let render = { generation.exposition.render(variant, families: families) }
        return ExpositionBody(
          contentType: variant.contentType,
          contentEncoding: variant.encoding,
          chunks: variant.selection == nil ? renderTimes.measure(variant.format, render) : render()
        )
      },
      document: { [self] request in
        caughtUp.wait(atMost: Self.catchUpTimeMax)
        return document(request)
      },
      isReady: { [self] in isReady.load(ordering: .acquiring) },
      catalog: { [self] in generation.catalogText },
      reload: { [self] in reload() },
      logger: logger
    )
  }

  private var landing: LandingPage {
    LandingPage(
      name: "training-exporter",
      version: exporterVersion,
      description: "Prometheus metrics from training logs, as metrics.yaml declares them.",
      links: (configuration.catalog.text.isEmpty ? [] : [.init(title: "Catalog", path: "/-/catalog")])
        + (hasRuns ? [.init(title: "Runs as JSON", path: RunsDocument.path)] : [])
        + [.init(title: "Healthy", path: "/-/healthy"), .init(title: "Ready", path: "/-/ready")]
    )
  }

  /// Where metrics are served at its path there is no room for a page.
  private var servesPage: Bool { configuration.servesPage && configuration.telemetryPath != PageDocument.path }

  func runs(of generation: Generation) -> RunsDocument {
    RunsDocument(
      board: generation.reading.runs,
      ids: runIDs,
      root: WorkingFolder.absolute(generation.catalog.folder),
      now: clock.now.wall
    )
  }

  /// A document of the API, or the page.
  func document(_ request: DocumentRequest) -> ServedDocument {
    let generation = generation
    switch request.path {
    case PageDocument.path:
      return PageDocument(landing, telemetryPath: configuration.telemetryPath)
        .answer(generation.reading.runs, at: clock.now.wall)
    case CurvesDocument.path:
      return CurvesDocument(
        catalog: generation.catalog,
        runLogs: generation.reading.runLogs,
        board: generation.reading.runs,
        ids: runIDs,
        reader: generation.curves,
        root: WorkingFolder.absolute(generation.catalog.folder)
      ).answer(request, at: clock.now.wall)
    case SourcesDocument.path:
      return SourcesDocument(
        generation: generation,
        ids: runIDs,
        lineNumbers: lineNumbers,
        root: WorkingFolder.absolute(generation.catalog.folder)
      ).answer(at: clock.now.wall)
    case MetricsDocument.path:
      return MetricsDocument(catalog: generation.catalog, registry: generation.registry).answer(at: clock.now.wall)
    default:
      return runs(of: generation).answer(request)
    }
  }

  func ownMetrics(
    of generation: Generation,
    _ security: ConnectionSecurity? = nil,
    _ collectors: [(name: String, status: CollectorRunner.Status)] = []
  ) -> OwnMetrics {
    OwnMetrics(
      catalog: generation.catalog,
      registry: generation.registry,
      records: generation.reading.records,
      limits: generation.reading.limits,
      tailing: generation.reading.tailing,
      collectors: collectors,
      reload: reloading.status,
      state: keeper?.status,
      isStateKept: keeper?.status.isKept ?? false,
      renderTimes: renderTimes,
      responses: responses,
      limitHits: limitHits,
      security: security,
      process: process,
      buildLabels: configuration.buildLabels,
      logLinesDropped: configuration.logLinesDropped?()
    )
  }
}
