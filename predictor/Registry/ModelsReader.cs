using Microsoft.Extensions.Logging;
using Pipeline.Infra.Streaming;
using Pipeline.Predictor.Models;
using Pipeline.Schemas;
using Pipeline.Schemas.Validation;

namespace Pipeline.Predictor.Registry;

/// <summary>
/// Follows the topic of models and serves the one that was chosen. Model and choice are in different partitions and may come in any order. What
/// is refused is said once; the old model goes on.
/// <code>
///   choice ──► model there? ──no──► wait for it
///                  │ yes
///                  ▼
///              checks, self-test ──fails──► refused, the old one stays
///                  │ passes
///                  ▼
///              served from the next snapshot on
/// </code>
/// </summary>
public sealed class ModelsReader(ServedModel served, int threads, ILogger log) : IGlobalReader
{
    /// <summary>More than can be chosen from: a model may come before the choice that names it.</summary>
    private const int KeptMax = 2 * ModelValidator.ChoicesMax;

    private readonly Dictionary<string, StoredModel> _models = new(StringComparer.Ordinal);
    private readonly Queue<string> _arrived = new();
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private string? _wanted;
    private string[] _shadows = [];

    /// <summary>Models that were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Changes of the served model.</summary>
    public int Swaps { get; private set; }

    /// <summary>Models that were forgotten because too many were kept.</summary>
    public int Forgotten { get; private set; }

    public void Reset()
    {
        _models.Clear();
        _arrived.Clear();
        _wanted = null;
        _shadows = [];
    }

    public void Apply(in StreamRecord record, IOutput output)
    {
        if (!record.TryRead(Topics.Models, output, out ModelRecord value)) return;
        if (value.ValueCase == ModelRecord.ValueOneofCase.Model) Keep(value.Model);
        else (_wanted, _shadows) = (value.Serving.Ids[0], [.. value.Serving.ShadowIds]);
        Serve();
        Shadow();
    }

    private void Keep(StoredModel model)
    {
        if (_models.TryAdd(model.Id, model)) _arrived.Enqueue(model.Id);
        else _models[model.Id] = model;
        // Published again, it may be whole now.
        _refused.Remove(model.Id);
        if (_arrived.Count <= KeptMax) return;
        string oldest = _arrived.Dequeue();
        while (oldest == _wanted || _shadows.Contains(oldest))
        {
            _arrived.Enqueue(oldest);
            oldest = _arrived.Dequeue();
        }
        _models.Remove(oldest);
        Forgotten++;
    }

    private void Serve()
    {
        if (_wanted is null || _wanted == served.Id || !TryTake(_wanted, out ModelFile? file, out string? reason)) return;
        string before = served.Id;
        reason ??= served.Replace(file!, threads);
        if (reason is not null)
        {
            Refuse(_wanted, reason);
            return;
        }
        Swaps++;
        log.LogInformation("serving {Model} instead of {Before}", served.Id, before);
    }

    private void Shadow()
    {
        served.DropShadows(id => !_shadows.Contains(id));
        foreach (string id in _shadows)
        {
            if (id == served.Id || served.Shadows.Any(s => s.Id == id) || !TryTake(id, out ModelFile? file, out string? reason)) continue;
            reason ??= served.AddShadow(file!, threads);
            if (reason is null) log.LogInformation("{Model} scores beside {Served}", id, served.Id);
            else Refuse(id, reason);
        }
    }

    /// <summary>Reads a model, unless it is not there yet or was refused before.</summary>
    private bool TryTake(string id, out ModelFile? file, out string? reason)
    {
        (file, reason) = (null, null);
        if (_refused.Contains(id) || !_models.TryGetValue(id, out StoredModel? model)) return false;
        reason = ModelsTopic.TryParse(model, out file);
        if (reason is null && file!.Card.Id != id) reason = $"its card is of {file.Card.Id}";
        return true;
    }

    private void Refuse(string id, string reason)
    {
        _refused.Add(id);
        Refused++;
        log.LogError("model {Model} is refused: {Reason}; {Served} goes on", id, reason, served.Id);
    }
}
