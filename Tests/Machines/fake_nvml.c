// A stand-in for libnvidia-ml.so.1, scripted by the test that loads it. It writes bytes at the offsets that the NVML
// API reference documents, and shares no declaration with the collector, so that a wrong layout shows.
//
// A script has lines `KEY = VALUE`. The key is a function's name, before it the device (`0`, or `0/1` for an instance of
// it), after it the numbers it is called with; fields are `0 field 138 3`. The value is numbers, a text, or `!15` for an
// answer. What the script does not have is answered by NOT_SUPPORTED. With -DOLD only the oldest functions are there.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint32_t result;
enum { SUCCESS = 0, UNINITIALIZED = 1, INVALID = 2, UNSUPPORTED = 3, INSUFFICIENT_SIZE = 7, TIMEOUT = 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char script[1 << 16];
static char hanging[80];
static int waiting, initialized, inside, overlaps;
static struct { char name[80]; uint64_t count; } calls[256];
static struct { int device; uint64_t xid; } events[64];
static int eventsFirst __attribute__((unused)), eventsEnd;

// Devices are pointers to their names in the script.
static char names[64][8];

// MARK: What the test calls

void fake_script(const char *text) {
  pthread_mutex_lock(&lock);
  snprintf(script, sizeof script, "\n%s\n", text);
  pthread_mutex_unlock(&lock);
}

/// The function does not return until `fake_release`; an empty name: none.
void fake_hang(const char *name) {
  pthread_mutex_lock(&lock);
  snprintf(hanging, sizeof hanging, "%s", name);
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

/// Returns once a call hangs.
void fake_wait_for_hang(void) {
  pthread_mutex_lock(&lock);
  while (waiting == 0) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
}

/// Returns once the function has been called so often.
void fake_wait_for_calls(const char *name, uint64_t count) {
  pthread_mutex_lock(&lock);
  for (;;) {
    for (int i = 0; i < 256; i++)
      if (strcmp(calls[i].name, name) == 0 && calls[i].count >= count) {
        pthread_mutex_unlock(&lock);
        return;
      }
    pthread_cond_wait(&changed, &lock);
  }
}

uint64_t fake_calls(const char *name) {
  uint64_t count = 0;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < 256; i++)
    if (strcmp(calls[i].name, name) == 0) count = calls[i].count;
  pthread_mutex_unlock(&lock);
  return count;
}

/// How often a call began while another one ran.
int fake_overlaps(void) { return overlaps; }
int fake_initialized(void) { return initialized; }

void fake_event(int device, uint64_t xid) {
  pthread_mutex_lock(&lock);
  events[eventsEnd % 64].device = device;
  events[eventsEnd % 64].xid = xid;
  eventsEnd++;
  pthread_mutex_unlock(&lock);
}

// MARK: The script

static void enter(const char *name) {
  pthread_mutex_lock(&lock);
  if (inside++ > 0) overlaps++;
  for (int i = 0; i < 256; i++) {
    if (calls[i].name[0] == 0) snprintf(calls[i].name, sizeof calls[i].name, "%s", name);
    if (strcmp(calls[i].name, name) == 0) {
      calls[i].count++;
      break;
    }
  }
  pthread_cond_broadcast(&changed);
  if (strcmp(hanging, name) == 0) {
    waiting++;
    pthread_cond_broadcast(&changed);
    while (strcmp(hanging, name) == 0) pthread_cond_wait(&changed, &lock);
    waiting--;
  }
  inside--;
  pthread_mutex_unlock(&lock);
}

/// Looks a key up; the value, at most 4 KiB, goes to `value`.
static result find(const char *key, char *value) {
  char line[160];
  snprintf(line, sizeof line, "\n%s = ", key);
  pthread_mutex_lock(&lock);
  const char *found = strstr(script, line);
  if (found) {
    found += strlen(line);
    size_t length = strcspn(found, "\n");
    memcpy(value, found, length < 4095 ? length : 4095);
    value[length < 4095 ? length : 4095] = 0;
  }
  pthread_mutex_unlock(&lock);
  if (!found) return UNSUPPORTED;
  return value[0] == '!' ? (result)atoi(value + 1) : SUCCESS;
}

static void key(char *out, const char *device, const char *name, int count, uint32_t a, uint32_t b) {
  if (count == 0) snprintf(out, 120, "%s%s%s", device, *device ? " " : "", name);
  if (count == 1) snprintf(out, 120, "%s %s %u", device, name, a);
  if (count == 2) snprintf(out, 120, "%s %s %u %u", device, name, a, b);
}

/// Looks up what a function of a device answers: up to 8 numbers.
static result ask(const char *device, const char *name, int count, uint32_t a, uint32_t b, int64_t *numbers) {
  enter(name);
  if (!initialized) return UNINITIALIZED;
  char text[120], value[4096];
  // What a whole device answers to everything: lost, or hung up.
  key(text, device, "everything", 0, 0, 0);
  result answer = find(text, value);
  if (answer != UNSUPPORTED) return answer;
  key(text, device, name, count, a, b);
  answer = find(text, value);
  if (answer != SUCCESS) return answer;
  char *rest = value;
  for (int i = 0; i < 8; i++) numbers[i] = (int64_t)strtoull(rest, &rest, 10);
  return SUCCESS;
}

static result ask_text(const char *device, const char *name, char *out, uint32_t length) {
  enter(name);
  if (!initialized) return UNINITIALIZED;
  char text[120], value[4096];
  key(text, device, name, 0, 0, 0);
  result answer = find(text, value);
  if (answer != SUCCESS) return answer;
  if (strlen(value) + 1 > length) return INSUFFICIENT_SIZE;
  memcpy(out, value, strlen(value) + 1);
  return SUCCESS;
}

static void put32(void *out, size_t offset, int64_t value) {
  uint32_t bits = (uint32_t)value;
  memcpy((char *)out + offset, &bits, 4);
}

static void put64(void *out, size_t offset, int64_t value) { memcpy((char *)out + offset, &value, 8); }

static uint32_t get32(const void *in, size_t offset) {
  uint32_t bits;
  memcpy(&bits, (const char *)in + offset, 4);
  return bits;
}

#define ASK(device, count, a, b) \
  int64_t n[8]; \
  result answer = ask(device, __func__, count, a, b, n); \
  if (answer != SUCCESS) return answer

// One 32-bit number; the same of a numbered part; two numbers at two places; one 64-bit number.
#define U32(name) result name(const char *device, void *out) { ASK(device, 0, 0, 0); put32(out, 0, n[0]); return 0; }
#define U32_OF(name) \
  result name(const char *device, uint32_t part, void *out) { ASK(device, 1, part, 0); put32(out, 0, n[0]); return 0; }
#define PAIR(name) \
  result name(const char *device, void *out, void *second) { \
    ASK(device, 0, 0, 0); put32(out, 0, n[0]); put32(second, 0, n[1]); return 0; \
  }
#define U64(name) result name(const char *device, void *out) { ASK(device, 0, 0, 0); put64(out, 0, n[0]); return 0; }

// MARK: System

const char *nvmlErrorString(result answer) {
  switch (answer) {
  case 1: return "Uninitialized";
  case 9: return "Driver Not Loaded";
  case 15: return "GPU is lost";
  case 18: return "Driver/library version mismatch";
  case 999: return "Unknown Error";
  default: return "Some Error";
  }
}

static result initialize(const char *name) {
  enter(name);
  char value[4096];
  result answer = find("nvmlInit", value);
  if (answer != SUCCESS && answer != UNSUPPORTED) return answer;
  initialized++;
  return SUCCESS;
}

result nvmlShutdown(void) {
  enter(__func__);
  if (!initialized) return UNINITIALIZED;
  initialized--;
  return SUCCESS;
}

static result count(const char *name, void *out) {
  int64_t n[8];
  result answer = ask("", name, 0, 0, 0, n);
  if (answer != SUCCESS) answer = ask("", "nvmlDeviceGetCount", 0, 0, 0, n);
  if (answer != SUCCESS) return answer;
  put32(out, 0, n[0]);
  return SUCCESS;
}

static result handle(const char *name, uint32_t index, void *out) {
  enter(name);
  if (index >= 3) return INVALID;
  char text[120], value[4096];
  snprintf(text, sizeof text, "%u handle", index);
  result answer = find(text, value);
  if (answer != SUCCESS && answer != UNSUPPORTED) return answer;
  snprintf(names[index], sizeof names[index], "%u", index);
  const char *device = names[index];
  memcpy(out, &device, sizeof device);
  return SUCCESS;
}

result nvmlSystemGetDriverVersion(char *out, uint32_t length) { return ask_text("", __func__, out, length); }
result nvmlSystemGetNVMLVersion(char *out, uint32_t length) { return ask_text("", __func__, out, length); }

// MARK: What every version has

result nvmlDeviceGetUUID(const char *device, char *out, uint32_t length) {
  return ask_text(device, __func__, out, length);
}

result nvmlDeviceGetName(const char *device, char *out, uint32_t length) {
  return ask_text(device, __func__, out, length);
}

result nvmlDeviceGetUtilizationRates(const char *device, void *out) {
  ASK(device, 0, 0, 0);
  put32(out, 0, n[0]);
  put32(out, 4, n[1]);
  return SUCCESS;
}

/// total, free, used
result nvmlDeviceGetMemoryInfo(const char *device, void *out) {
  ASK(device, 0, 0, 0);
  for (int i = 0; i < 3; i++) put64(out, 8 * (size_t)i, n[i]);
  return SUCCESS;
}

U32(nvmlDeviceGetPowerUsage)
U32(nvmlDeviceGetPerformanceState)
U32_OF(nvmlDeviceGetTemperature)
U32_OF(nvmlDeviceGetClockInfo)

/// `PID:BYTES …`, or `many COUNT MORE TIMES`: so many processes, more of them after each call that had too little room.
static result processes(const char *name, const char *device, uint32_t *count, char *out, int isOld) {
  static int grown;
  enter(name);
  if (!initialized) return UNINITIALIZED;
  char text[120], value[4096];
  key(text, device, name, 0, 0, 0);
  result answer = find(text, value);
  if (answer != SUCCESS) return answer;
  size_t stride = isOld ? 16 : 24;
  uint32_t number, more, times, found = 0;
  if (sscanf(value, "many %u %u %u", &number, &more, &times) == 3) {
    number += more * (uint32_t)grown;
    if (number > *count) {
      *count = number;
      if (grown < (int)times) grown++;
      return INSUFFICIENT_SIZE;
    }
    for (; found < number; found++) {
      put32(out, found * stride, 1000 + found);
      put64(out, found * stride + 8, 1 << 20);
    }
  } else {
    for (char *word = strtok(value, " "); word; word = strtok(NULL, " "), found++) {
      if (found >= *count) continue;
      put32(out, found * stride, atoll(word));
      const char *colon = strchr(word, ':');
      put64(out, found * stride + 8, colon ? (int64_t)strtoull(colon + 1, NULL, 10) : 0);
      if (!isOld) {
        put32(out, found * stride + 16, 0xFFFFFFFF);
        put32(out, found * stride + 20, 0xFFFFFFFF);
      }
    }
    if (found > *count) answer = INSUFFICIENT_SIZE;
  }
  *count = found;
  return answer;
}

#ifdef OLD

result nvmlInit(void) { return initialize(__func__); }
result nvmlDeviceGetCount(void *out) { return count(__func__, out); }
result nvmlDeviceGetHandleByIndex(uint32_t index, void *out) { return handle(__func__, index, out); }

result nvmlDeviceGetPciInfo(const char *device, void *out) { return ask_text(device, __func__, out, 16); }

result nvmlDeviceGetComputeRunningProcesses(const char *device, uint32_t *count, void *out) {
  return processes(__func__, device, count, out, 1);
}

U64(nvmlDeviceGetCurrentClocksThrottleReasons)

#else

result nvmlInit_v2(void) { return initialize(__func__); }
result nvmlDeviceGetCount_v2(void *out) { return count(__func__, out); }
result nvmlDeviceGetHandleByIndex_v2(uint32_t index, void *out) { return handle(__func__, index, out); }

result nvmlSystemGetCudaDriverVersion_v2(void *out) {
  ASK("", 0, 0, 0);
  put32(out, 0, n[0]);
  return SUCCESS;
}

result nvmlDeviceGetPciInfo_v3(const char *device, void *out) {
  return ask_text(device, __func__, (char *)out + 36, 32);
}

/// total, reserved, free, used
result nvmlDeviceGetMemoryInfo_v2(const char *device, void *out) {
  ASK(device, 0, 0, 0);
  if (get32(out, 0) != 0x02000028) return 25;
  for (int i = 0; i < 4; i++) put64(out, 8 + 8 * (size_t)i, n[i]);
  return SUCCESS;
}

/// total, free, used
result nvmlDeviceGetBAR1MemoryInfo(const char *device, void *out) {
  ASK(device, 0, 0, 0);
  for (int i = 0; i < 3; i++) put64(out, 8 * (size_t)i, n[i]);
  return SUCCESS;
}

result nvmlDeviceGetTemperatureV(const char *device, void *out) {
  if (get32(out, 0) != 0x0100000C) return 25;
  ASK(device, 1, get32(out, 4), 0);
  put32(out, 8, n[0]);
  return SUCCESS;
}

result nvmlDeviceGetMarginTemperature(const char *device, void *out) {
  if (get32(out, 0) != 0x01000008) return 25;
  ASK(device, 0, 0, 0);
  put32(out, 4, n[0]);
  return SUCCESS;
}

PAIR(nvmlDeviceGetEncoderUtilization)
PAIR(nvmlDeviceGetDecoderUtilization)
PAIR(nvmlDeviceGetJpgUtilization)
PAIR(nvmlDeviceGetOfaUtilization)
PAIR(nvmlDeviceGetPowerManagementLimitConstraints)
PAIR(nvmlDeviceGetEccMode)
PAIR(nvmlDeviceGetMigMode)
U32(nvmlDeviceGetEnforcedPowerLimit)
U32(nvmlDeviceGetPowerManagementDefaultLimit)
U32(nvmlDeviceGetFanSpeed)
U32(nvmlDeviceGetPcieReplayCounter)
U32(nvmlDeviceGetCurrPcieLinkGeneration)
U32(nvmlDeviceGetCurrPcieLinkWidth)
U32(nvmlDeviceGetMaxPcieLinkGeneration)
U32(nvmlDeviceGetMaxPcieLinkWidth)
U32(nvmlDeviceGetPersistenceMode)
U32(nvmlDeviceGetComputeMode)
U32(nvmlDeviceGetMaxMigDeviceCount)
U32(nvmlDeviceGetGpuInstanceId)
U32(nvmlDeviceGetComputeInstanceId)
U32_OF(nvmlDeviceGetTemperatureThreshold)
U32_OF(nvmlDeviceGetMaxClockInfo)
U32_OF(nvmlDeviceGetPcieThroughput)
U32_OF(nvmlDeviceGetNvLinkState)
U32_OF(nvmlDeviceGetNvLinkVersion)
U64(nvmlDeviceGetTotalEnergyConsumption)
U64(nvmlDeviceGetCurrentClocksEventReasons)
U64(nvmlDeviceGetSupportedClocksEventReasons)

result nvmlDeviceGetTotalEccErrors(const char *device, uint32_t error, uint32_t counter, void *out) {
  ASK(device, 2, error, counter);
  put64(out, 0, n[0]);
  return SUCCESS;
}

result nvmlDeviceGetNvLinkErrorCounter(const char *device, uint32_t link, uint32_t counter, void *out) {
  ASK(device, 2, link, counter);
  put64(out, 0, n[0]);
  return SUCCESS;
}

result nvmlDeviceGetRemappedRows(const char *device, void *a, void *b, void *c, void *d) {
  ASK(device, 0, 0, 0);
  put32(a, 0, n[0]);
  put32(b, 0, n[1]);
  put32(c, 0, n[2]);
  put32(d, 0, n[3]);
  return SUCCESS;
}

result nvmlDeviceGetViolationStatus(const char *device, uint32_t policy, void *out) {
  ASK(device, 1, policy, 0);
  put64(out, 8, n[0]);
  return SUCCESS;
}

/// Two numbers: `nvmlValueType_t` and the value.
result nvmlDeviceGetFieldValues(const char *device, int32_t number, char *values) {
  enter(__func__);
  if (!initialized) return UNINITIALIZED;
  for (int32_t i = 0; i < number; i++, values += 40) {
    char text[120], value[4096];
    snprintf(text, sizeof text, "%s field %u %u", device, get32(values, 0), get32(values, 4));
    result answer = find(text, value);
    put32(values, 28, answer);
    if (answer != SUCCESS) continue;
    char *rest;
    uint32_t type = (uint32_t)strtoul(value, &rest, 10);
    put32(values, 24, type);
    put64(values, 32, -1);
    if (type == 1 || type == 5) put32(values, 32, strtoll(rest, NULL, 10));
    else put64(values, 32, (int64_t)strtoull(rest, NULL, 10));
  }
  return SUCCESS;
}

result nvmlDeviceGetMigDeviceHandleByIndex(const char *device, uint32_t number, void *out) {
  char text[120], value[4096];
  enter(__func__);
  snprintf(text, sizeof text, "%s/%u nvmlDeviceGetUUID", device, number);
  if (number >= 16 || find(text, value) != SUCCESS) return 6;
  char *name = names[8 + (size_t)atoi(device) * 16 + number];
  snprintf(name, sizeof names[0], "%s/%u", device, number);
  memcpy(out, &name, sizeof name);
  return SUCCESS;
}

result nvmlDeviceGetComputeRunningProcesses_v3(const char *device, uint32_t *count, void *out) {
  return processes(__func__, device, count, out, 0);
}

result nvmlDeviceGetGraphicsRunningProcesses_v3(const char *device, uint32_t *count, void *out) {
  return processes(__func__, device, count, out, 0);
}

result nvmlEventSetCreate(void *out) {
  enter(__func__);
  void *set = events;
  memcpy(out, &set, sizeof set);
  return SUCCESS;
}

result nvmlDeviceRegisterEvents(const char *device, uint64_t types, void *set) {
  ASK(device, 0, 0, 0);
  return types == 8 && set == events ? SUCCESS : INVALID;
}

result nvmlEventSetWait_v2(void *set, void *out, uint32_t milliseconds) {
  enter(__func__);
  if (set != events || milliseconds == 0) return INVALID;
  pthread_mutex_lock(&lock);
  int hasOne = eventsFirst < eventsEnd;
  if (hasOne) {
    const char *device = names[events[eventsFirst % 64].device];
    memcpy(out, &device, sizeof device);
    put64(out, 8, 8);
    put64(out, 16, (int64_t)events[eventsFirst % 64].xid);
    put64(out, 24, -1);
    eventsFirst++;
  }
  pthread_mutex_unlock(&lock);
  return hasOne ? SUCCESS : TIMEOUT;
}

result nvmlEventSetFree(void *set) {
  enter(__func__);
  return set == events ? SUCCESS : INVALID;
}

#endif
